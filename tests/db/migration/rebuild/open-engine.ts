// @ts-expect-error sql.js ships no types
import initSqlJs from 'sql.js'
import { transactionScope, type Queryable } from '../../../../src/db/database.ts'
import { nodeDriver } from '../../../../src/db/drivers/node/index.ts'
import type { ResultSet } from '../../../../src/db/driver.ts'
import type { SqlValue } from '../../../../src/db/values.ts'
import { sqliteError } from '../../../../src/errors/index.ts'

/** An empty database in memory, foreign keys off, spoken to without a transaction around each call. */
export interface TestDatabase extends Queryable {
  close(): Promise<void>
}

export type Engine = 'node' | 'sql.js'

export async function openEngine(engine: Engine): Promise<TestDatabase> {
  return engine === 'node' ? openNode() : openSqlJs()
}

async function openNode(): Promise<TestDatabase> {
  const connection = await nodeDriver({ filename: ':memory:' }).open()
  const session = await connection.reserve()
  await session.run([{ text: 'PRAGMA foreign_keys = OFF', params: [] }])
  const scope = transactionScope((statements) => session.run(statements))
  return { ...scope, close: async () => session.release().then(() => connection.close()) }
}

// Straight on the engine, so that what is tested here does not hang on the driver: only what the rebuild needs is decoded.
async function openSqlJs(): Promise<TestDatabase> {
  const { Database } = await initSqlJs()
  const database = new Database()
  const run = (text: string, params: readonly SqlValue[]): ResultSet => {
    try {
      const statement = database.prepare(text, [...params])
      const rows: SqlValue[][] = []
      while (statement.step()) rows.push(statement.get(null, { useBigInt: true } ) as SqlValue[])
      const columns = statement.getColumnNames()
      statement.free()
      const decode = (value: SqlValue) => (typeof value === 'bigint' && BigInt(Number(value)) === value ? Number(value) : value)
      return { columns, rows: rows.map((row) => row.map(decode)), changes: database.getRowsModified(), tables: [] }
    } catch (error) {
      throw sqliteError(1, error instanceof Error ? error.message : String(error))
    }
  }
  run('PRAGMA foreign_keys = OFF', [])
  const scope = transactionScope(async (statements) => statements.map(({ text, params }) => run(text, params)))
  return { ...scope, close: async () => database.close() }
}
