import { readdir, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Database } from '../../../src/db/database.ts'
import type { DriverConnection, DriverCopies } from '../../../src/db/driver.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import type { LaunchEvent } from '../../../src/db/migration/launch-report.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { DataLayerError } from '../../../src/errors/index.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { snapshot } from '../../property/snapshot.ts'
import { queryFile } from '../drivers/run-text.ts'
import { buildLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { component, customers, orders, shop } from './shop.ts'
import { type TestDatabase } from './test-database.ts'
import { makeFileFolder, type FileFolder } from './file-folder.ts'

let place: FileFolder
let folder: string
let file: string
let opened: TestDatabase
beforeEach(async () => {
  place = await makeFileFolder()
  ;({ folder, file } = place)
})
afterEach(async () => {
  await opened?.close()
  await place.remove()
})

const open = async () => (opened = await place.open())
const listing = () => place.listing()
const identity = [identityComponent()]

describe('The backup', () => {
  const legacy = () => opened.runUnguarded(...buildLegacyDatabase())

  test('is at an absolute path, sound, and holds what was there before anything of ours', async () => {
    await open()
    await legacy()
    const before = await opened.snapshot()
    const { backup } = await opened.migrate(identity)
    expect(isAbsolute(backup!)).toBe(true)
    expect((await readdir(folder)).length).toBe(2)
    const connection = await nodeDriver({ filename: backup!, readOnly: true }).open()
    const copy = new Database(connection)
    expect(await snapshot(copy)).toEqual(before)
    expect(await copy.query({ text: "SELECT name FROM sqlite_schema WHERE name GLOB 'selfsame*'" })).toEqual([])
    expect(await copy.query({ text: 'PRAGMA integrity_check' })).toEqual([{ integrity_check: 'ok' }])
    await copy.close()
  })

  const items = async () => {
    const copies = await opened.connection.copies!.list({})
    const found = await Promise.all(copies.map(({ location }) => queryFile(location, 'SELECT item FROM shop_orders')))
    return found.flat(2)
  }

  test('from before a patch that is half done stays, however often the launch fails, and the three newest', async () => {
    await open()
    await opened.migrate([shop([[orders, "INSERT INTO shop_orders VALUES (1, 'whole')"]])], { backup: false })
    const pieces = {
      code: 'changes, then fails',
      next: async (tx: Pick<TestDatabase['db'], 'execute'>, cursor: string | null) => {
        if (cursor !== null) throw new Error('half')
        await tx.execute({ text: "UPDATE shop_orders SET item = 'half'" })
        return 'half'
      },
    }
    const failing = shop([[orders, "INSERT INTO shop_orders VALUES (1, 'whole')"], [pieces]])
    for (let launches = 1; launches <= 12; launches += 1)
      expect((await opened.launch([failing])).outcome).toBe('failed')
    expect(await items()).toEqual(['half', 'half', 'half', 'whole'])
  })

  test('stays among the three newest while a patch is half done that is no longer in the app', async () => {
    await open()
    await opened.migrate([shop([[orders, "INSERT INTO shop_orders VALUES (1, 'before')"]])], { backup: false })
    const failing = { code: 'fails', next: () => Promise.reject(new Error('always')) }
    const gone = component('gone', [['CREATE TABLE gone (x)', failing]])
    expect((await opened.launch([gone])).outcome).toBe('failed')
    for (let launches = 1; launches <= 4; launches += 1) {
      await opened.run(`UPDATE shop_orders SET item = '${launches}'`)
      const patches = Array.from({ length: launches }, (_, index) => [`CREATE TABLE b_${index} (x)`])
      expect((await opened.launch([component('b', patches)])).outcome).toBe('migrated')
    }
    expect(await items()).toEqual(['4', '3', '2', 'before'])
  })

  test('goes where the app wants it', async () => {
    await open()
    await legacy()
    const { backup } = await opened.migrate(identity, { backupDirectory: join(folder, 'safe', 'copies') })
    expect(backup).toContain(join(folder, 'safe', 'copies'))
    expect((await stat(backup!)).size).toBeGreaterThan(0)
  })

  test('is left out where the app does not want it', async () => {
    await open()
    await legacy()
    expect((await opened.migrate(identity, { backup: false })).backup).toBeNull()
    expect(await readdir(folder)).toEqual(['app.sqlite'])
  })

  test.each(['an empty database', 'a current one'])('is not made of %s', async (which) => {
    await open()
    if (which === 'a current one') await opened.migrate(identity)
    expect((await opened.migrate(identity)).backup).toBeNull()
    expect(await readdir(folder)).toEqual(['app.sqlite'])
  })

  test('is made before a rollback too', async () => {
    await open()
    await opened.migrate(identity)
    const { backup } = await opened.rollback(identity)
    const copy = new DatabaseSync(backup!, { readOnly: true })
    expect(copy.prepare("SELECT count(*) AS n FROM selfsame_ledger WHERE component = 'identity'").get()).toEqual({
      n: 5,
    })
    copy.close()
  })

  test('is named by the error of a launch that fails after it', async () => {
    await open()
    await opened.run(orders)
    const report = await opened.launch([shop([['INSERT INTO nowhere VALUES (1)']])])
    expect(report.backup).toMatch(/^\//)
    expect(report.error?.details).toMatchObject({ backup: report.backup })
  })

  const withCopies = (copies: Partial<DriverCopies>): DriverConnection => ({
    ...opened.connection,
    copies: { ...opened.connection.copies!, ...copies },
  })

  /** Another connection: it writes once each time that a copy is made, `times` times. */
  const othersWrite = (times: number) => {
    const other = new DatabaseSync(file)
    let written = 0
    return (event: LaunchEvent) => {
      if (event.type === 'backup' && written < times) {
        written += 1
        other.exec(`INSERT INTO notes VALUES ('written ${written}')`)
      }
      if (event.type === 'finished') other.close()
    }
  }

  test.each([0, 1, 2])('holds what another process wrote %i times while it was made', async (times) => {
    await open()
    await opened.run('CREATE TABLE notes (text)', "INSERT INTO notes VALUES ('mine')")
    const onEvent = othersWrite(times)
    const { outcome, backup, warnings } = await opened.launch([shop([['DELETE FROM notes']])], { onEvent })
    expect({ outcome, warnings }).toEqual({ outcome: 'migrated', warnings: [] })
    expect(await queryFile(backup!, 'SELECT count(*) FROM notes')).toEqual([[times + 1]])
    expect((await readdir(folder)).length).toBe(2)
  })

  test.each([
    ['wrote', "INSERT INTO notes VALUES ('mine')"],
    // No row of a table is counted.
    ['made', "CREATE VIEW mine AS SELECT 'mine' AS text"],
  ])('holds what the app itself %s while it was made', async (_, text) => {
    await open()
    await opened.run('CREATE TABLE notes (text)')
    let written: Promise<void> | undefined
    const onEvent = ({ type }: LaunchEvent) => {
      if (type === 'backup') written ??= opened.run(text)
    }
    const steps = ['DELETE FROM notes', 'DROP VIEW IF EXISTS mine']
    const { outcome, backup } = await opened.launch([shop([steps])], { onEvent })
    await written
    expect(outcome).toBe('migrated')
    const table = text.startsWith('CREATE') ? 'mine' : 'notes'
    expect(await queryFile(backup!, `SELECT text FROM ${table}`)).toEqual([['mine']])
  })

  test('is the one from before where there is no room for a newer one', async () => {
    await open()
    await opened.run('CREATE TABLE notes (text)')
    const onEvent = othersWrite(1)
    let made = 0
    const connection = withCopies({
      write: async (where) => {
        made += 1
        if (made > 1) throw new DataLayerError('no-space')
        return opened.connection.copies!.write(where)
      },
    })
    const migrator = new Migrator({ driver: opened.driver, connection }, [shop([['DELETE FROM notes']])])
    const { outcome, backup, error } = await migrator.launch({ onEvent })
    expect({ outcome, code: error?.code }).toEqual({ outcome: 'failed', code: 'no-space' })
    expect((await stat(backup!)).size).toBeGreaterThan(0)
  })

  test('that others never leave time for is the third, and the launch says so', async () => {
    await open()
    await opened.run('CREATE TABLE notes (text)')
    const onEvent = othersWrite(100)
    const { outcome, backup, warnings } = await opened.launch([shop([['DELETE FROM notes']])], { onEvent })
    expect(outcome).toBe('migrated')
    expect(warnings).toEqual([expect.stringContaining('keeps writing')])
    expect(await queryFile(backup!, 'SELECT count(*) FROM notes')).toEqual([[2]])
  })

  test('is the tenth that is kept, and the oldest go', async () => {
    await open()
    await opened.run(orders)
    const made: string[] = []
    for (let round = 1; round <= 12; round += 1) {
      const patches = Array.from({ length: round }, (_, index) => [`CREATE TABLE t_${index} (x)`])
      made.push((await opened.migrate([shop(patches)])).backup!)
    }
    const kept = (await readdir(folder)).filter((name) => name !== 'app.sqlite').map((name) => join(folder, name))
    expect(kept.toSorted()).toEqual(made.slice(-10).toSorted())
  })

  test.each(['no-space', 'backup-failed'] as const)(
    'that cannot be written (%s) leaves the database as it was',
    async (code) => {
      await open()
      await legacy()
      const files = await listing()
      const connection = withCopies({ write: () => Promise.reject(new DataLayerError(code)) })
      const report = await new Migrator({ driver: opened.driver, connection }, identity).launch()
      expect(report).toMatchObject({ outcome: 'failed', applied: [], backup: null, error: { code } })
      expect(await listing()).toEqual(files)
    },
  )

  test('into a folder that cannot be made leaves the database as it was', async () => {
    await open()
    await legacy()
    const files = await listing()
    const report = await opened.launch(identity, { backupDirectory: join(file, 'not-a-folder') })
    expect(report).toMatchObject({ outcome: 'failed', backup: null, error: { code: 'backup-failed' } })
    expect(await listing()).toEqual(files)
  })

  test('that an old one cannot be removed for is no reason to stop', async () => {
    await open()
    const old = { location: '/old', bytes: 1, writtenAt: '2001-01-01T00:00:00.000Z' }
    await opened.run(orders)
    const connection = withCopies({
      list: async () => Array.from({ length: 12 }, () => old),
      remove: () => Promise.reject(new DataLayerError('storage-unavailable')),
    })
    const report = await new Migrator({ driver: opened.driver, connection }, [shop([[customers]])]).launch()
    expect(report).toMatchObject({ outcome: 'migrated', warnings: [expect.stringContaining('backup')] })
  })
})

test('A backup that takes long tells how far it is, whatever the driver knows', async () => {
  await open()
  await opened.run('CREATE TABLE t (x)')
  const told: LaunchEvent[] = []
  const enough = Promise.withResolvers<void>()
  const onEvent = (event: LaunchEvent) => {
    told.push(event)
    if (told.filter(({ type }) => type === 'backup-progress').length === 2) enough.resolve()
  }
  const copies: DriverCopies = {
    write: async ({ onProgress }) => {
      onProgress?.({ done: 4096, total: 8192 })
      await enough.promise
      return { location: 'somewhere', bytes: 8192 }
    },
    list: async () => [],
    remove: async () => undefined,
    restore: () => Promise.reject(new Error('not asked for')),
  }
  const target = { driver: opened.driver, connection: { ...opened.connection, copies } }
  expect(await new Migrator(target, [shop([[orders]])]).launch({ onEvent })).toMatchObject({ outcome: 'migrated' })
  expect(told.filter(({ type }) => type.startsWith('backup'))).toMatchObject([
    { type: 'backup-progress', done: 4096, total: 8192, elapsedMs: expect.any(Number) },
    { type: 'backup-progress' },
    { type: 'backup', location: 'somewhere' },
  ])
})
