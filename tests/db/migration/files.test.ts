import { chmod } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Database } from '../../../src/db/database.ts'
import type { Driver, DriverConnection } from '../../../src/db/driver.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import type { LaunchEvent } from '../../../src/db/migration/launch-report.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { snapshot } from '../../property/snapshot.ts'
import { buildLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { customers, orders, shop } from './shop.ts'
import { openDatabase, type TestDatabase } from './test-database.ts'
import { makeFileFolder, type FileFolder } from './file-folder.ts'

let place: FileFolder
let file: string
let opened: TestDatabase
beforeEach(async () => {
  place = await makeFileFolder()
  ;({ file } = place)
})
afterEach(async () => {
  await opened?.close()
  await place.remove()
})

const open = async () => (opened = await place.open())
const identity = [identityComponent()]

describe('Two openers', () => {
  /** A connection that lets `between` happen after its first read. */
  const interrupted = (connection: DriverConnection, between: () => Promise<unknown>): DriverConnection => {
    let first = true
    return {
      ...connection,
      run: async (statements, options) => {
        const interrupt = first
        first = false
        const results = connection.run(statements, options)
        await results.catch(() => undefined)
        if (interrupt) await between()
        return results
      },
    }
  }

  test.each<[string, readonly string[]]>([
    ['an empty database', []],
    [
      'a legacy one',
      [
        'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)',
        'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid, activeDid)',
      ],
    ],
  ])('of %s: the one that looks while the other commits finds it done', async (_, sql) => {
    await open()
    await opened.runUnguarded(...sql)
    const second: Driver = nodeDriver({ filename: file })
    const connection = await second.open()
    const target = {
      driver: second,
      connection: interrupted(connection, () => opened.migrate(identity, { backup: false })),
    }
    const report = await new Migrator(target, identity).launch()
    await connection.close()
    expect(report).toMatchObject({ outcome: 'current', applied: [] })
    expect(await opened.value('SELECT count(*) FROM selfsame_ledger')).toBe(5)
  })
})

test('A database that can only be read is refused when something is to be done, and is current when not', async () => {
  await open()
  await opened.migrate([shop([[orders]])])
  await opened.close()
  await chmod(file, 0o444)
  opened = await openDatabase(nodeDriver({ filename: file, readOnly: true }))
  expect(await opened.launch([shop([[orders]])])).toMatchObject({ outcome: 'current' })
  expect(await opened.launch([shop([[orders], [customers]])], { backup: false })).toMatchObject({
    applied: [],
    error: { code: 'storage-unavailable' },
  })
})

test('A legacy database in WAL mode, frames waiting, migrates and stays in that mode', async () => {
  await open()
  await opened.run('PRAGMA journal_mode = WAL')
  await opened.runUnguarded(...buildLegacyDatabase())
  const before = await opened.snapshot()
  const { backup } = await opened.migrate(identity)
  expect(await opened.value('PRAGMA journal_mode')).toBe('wal')
  const copy = new Database(await nodeDriver({ filename: backup!, readOnly: true }).open())
  expect(await snapshot(copy)).toEqual(before)
  await copy.close()
})

test('A refused launch of a database in WAL mode leaves its mode and content alone', async () => {
  await open()
  await opened.run('PRAGMA journal_mode = WAL')
  await opened.runUnguarded(...buildLegacyDatabase({ state: 'duplicate' }))
  const before = await opened.snapshot()
  expect(await opened.launch(identity)).toMatchObject({
    outcome: 'refused',
    backup: null,
    error: { code: 'duplicate-dids' },
  })
  expect(await opened.value('PRAGMA journal_mode')).toBe('wal')
  expect(await opened.snapshot()).toEqual(before)
})

test('A launch waits for a plain writer as long as lockTimeoutMs says, and then goes on', async () => {
  await open()
  await opened.runUnguarded(...buildLegacyDatabase())
  const writer = new DatabaseSync(file)
  writer.exec('BEGIN IMMEDIATE')
  const waits: unknown[] = []
  const reserve = async () => {
    const session = await opened.connection.reserve()
    const run: typeof session.run = (statements, options) => {
      if (statements[0]?.text === 'BEGIN IMMEDIATE' && waits.push(options?.lockTimeoutMs) === 2) writer.exec('ROLLBACK')
      return session.run(statements, options)
    }
    return { ...session, run }
  }
  const target = { driver: opened.driver, connection: { ...opened.connection, reserve } }
  const report = await new Migrator(target, identity, { backup: false, lockTimeoutMs: 7000 }).launch()
  writer.close()
  expect(report.outcome).toBe('migrated')
  expect(waits).toEqual([0, 7000])
})

test('A launch that finds the database locked by a writer changes nothing', async () => {
  await open()
  await opened.runUnguarded(...buildLegacyDatabase())
  const before = await opened.snapshot()
  const writer = new DatabaseSync(file)
  writer.exec('BEGIN IMMEDIATE')
  const events: LaunchEvent[] = []
  const onEvent = (event: LaunchEvent) => events.push(event)
  const report = await opened.launch(identity, { backup: false, lockTimeoutMs: 40, onEvent })
  writer.exec('ROLLBACK')
  writer.close()
  expect(report).toMatchObject({
    outcome: 'failed',
    applied: [],
    error: {
      code: 'locked',
      message: expect.stringMatching(/SQLite does not say whose it is.*lockTimeoutMs/),
      details: { holder: null, waitedMs: expect.any(Number) },
    },
  })
  expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', holder: null }))
  expect(await opened.snapshot()).toEqual(before)
  expect(await opened.launch(identity)).toMatchObject({ outcome: 'migrated' })
})
