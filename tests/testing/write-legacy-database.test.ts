import { describe, expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import { Database } from '../../src/db/database.ts'
import { sql } from '../../src/db/sql.ts'

async function open() {
  const connection = await nodeDriver({ filename: ':memory:' }).open()
  return { connection, db: new Database(connection) }
}

describe('writeLegacyDatabase', () => {
  test('writes what does not satisfy foreign keys, and turns them on again', async () => {
    const { connection, db } = await open()
    const statements = buildLegacyDatabase({ activeIdentity: 'not-null-cascade', state: 'none', additions: ['tables'] })
    await writeLegacyDatabase(connection, statements)
    expect(await db.queryOne(sql`SELECT activeDid FROM active_identity`)).toEqual({ activeDid: '' })
    expect(await db.queryOne(sql`PRAGMA foreign_keys`)).toEqual({ foreign_keys: 1 })
    await db.close()
  })

  test('writes all or nothing, and turns foreign keys on again', async () => {
    const { connection, db } = await open()
    const statements = [...buildLegacyDatabase(), { text: 'INSERT INTO no_such_table VALUES (1)' }]
    await expect(writeLegacyDatabase(connection, statements)).rejects.toMatchObject({ code: 'sqlite' })
    expect(await db.query(sql`SELECT name FROM sqlite_schema`)).toEqual([])
    expect(await db.queryOne(sql`PRAGMA foreign_keys`)).toEqual({ foreign_keys: 1 })
    await db.close()
  })
})
