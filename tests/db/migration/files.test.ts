import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Database } from '../../../src/db/database.ts'
import type { Driver, DriverConnection, DriverCopies } from '../../../src/db/driver.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import type { Component } from '../../../src/db/migration/component.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { DataLayerError } from '../../../src/errors/index.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { buildLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { snapshot } from '../../property/snapshot.ts'
import { customers, orders, shop } from './shop.ts'
import { openDatabase, type LaunchOptions, type TestDatabase } from './test-database.ts'

let folder: string
let file: string
let opened: TestDatabase
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfsame-migration-'))
  file = join(folder, 'app.sqlite')
})
afterEach(async () => {
  await opened?.close()
  await rm(folder, { recursive: true, force: true })
})

const open = async () => (opened = await openDatabase(nodeDriver({ filename: file })))
const identity = [identityComponent()]

/** The folder's files with their content and time of change. */
async function listing() {
  const files = await readdir(folder)
  return Promise.all(
    files.toSorted().map(async (name) => {
      const path = join(folder, name)
      return [
        name,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
        (await stat(path)).mtimeMs,
      ]
    }),
  )
}

describe('A refused launch changes no byte of the file and leaves nothing beside it:', () => {
  interface Refusal {
    readonly name: string
    readonly code: string
    readonly before?: readonly Component[]
    readonly sql?: readonly string[]
    readonly components?: readonly Component[]
    readonly options?: LaunchOptions
  }
  const legacy = [
    'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)',
    'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid, activeDid)',
  ]

  test.each<Refusal>([
    {
      name: 'too new',
      code: 'schema-too-new',
      before: [shop([[orders], [customers]])],
      components: [shop([[orders]])],
    },
    { name: 'drift', code: 'schema-drift', before: [shop([[orders]])], components: [shop([[customers]])] },
    {
      name: 'missing requirement',
      code: 'missing-requirement',
      components: [shop([{ statements: [orders], requires: ['a-0001'] }])],
    },
    {
      name: 'conflict',
      code: 'conflicting-patch',
      before: [shop([[orders], { statements: [customers], conflicts: ['identity-0001'] }])],
      components: identity,
    },
    {
      name: 'a patch to hold that is not there',
      code: 'unsupported',
      sql: legacy,
      options: { hold: ['identity-0099'] },
    },
    {
      name: 'duplicate DIDs',
      code: 'duplicate-dids',
      sql: [...legacy, "INSERT INTO accounts (did) VALUES ('a'), ('a')"],
    },
    { name: 'accounts of another app', code: 'foreign-schema', sql: ['CREATE TABLE accounts (number, balance)'] },
    { name: 'settings without accounts', code: 'foreign-schema', sql: [legacy[1]!] },
    {
      name: 'settings without activeDid',
      code: 'foreign-schema',
      sql: [legacy[0]!, 'CREATE TABLE settings (id, accountDid, key, value)'],
    },
    {
      name: 'a view called accounts',
      code: 'foreign-schema',
      sql: ['CREATE VIEW accounts AS SELECT 1 AS did', legacy[1]!],
    },
    {
      name: 'another table called active_identity',
      code: 'foreign-schema',
      sql: [...legacy, 'CREATE TABLE active_identity (id INTEGER PRIMARY KEY, passport TEXT)'],
    },
    {
      name: 'active_identity with more columns',
      code: 'foreign-schema',
      sql: [
        ...legacy,
        'CREATE TABLE active_identity (id INTEGER PRIMARY KEY, activeDid TEXT, lastUpdated TEXT, mood TEXT)',
      ],
    },
    {
      name: 'active_identity with several rows',
      code: 'foreign-schema',
      sql: [
        ...legacy,
        'CREATE TABLE active_identity (id INTEGER PRIMARY KEY, activeDid TEXT)',
        "INSERT INTO active_identity VALUES (1, 'a'), (2, 'b')",
      ],
    },
    {
      name: 'a view called active_identity',
      code: 'foreign-schema',
      sql: [...legacy, 'CREATE VIEW active_identity AS SELECT 1 AS id, NULL AS activeDid'],
    },
    {
      name: 'selfsame_ledger of somebody else',
      code: 'foreign-schema',
      sql: [...legacy, 'CREATE TABLE selfsame_ledger (amount, booked)'],
    },
    {
      name: 'selfsame_ledger of somebody else, on an empty database',
      code: 'foreign-schema',
      sql: ['CREATE TABLE selfsame_ledger (amount, booked)'],
    },
    {
      name: 'selfsame_repairs of somebody else',
      code: 'foreign-schema',
      sql: [...legacy, 'CREATE TABLE selfsame_repairs (bicycle)'],
    },
    {
      name: 'a view called selfsame_ledger',
      code: 'foreign-schema',
      sql: [...legacy, 'CREATE VIEW Selfsame_Ledger AS SELECT 1 AS one'],
    },
  ])('$name', async ({ code, before, sql = [], components = identity, options = {} }) => {
    await open()
    if (before) await opened.migrate(before, { backup: false })
    await opened.runUnguarded(...sql)
    const files = await listing()
    const report = await opened.launch(components, options)
    expect(report).toMatchObject({
      outcome: 'refused',
      applied: [],
      adopted: [],
      repairs: [],
      backup: null,
      error: { code },
    })
    expect(await listing()).toEqual(files)
    expect((await opened.plan(components, options)).problems).toMatchObject([{ code }])
    expect(await listing()).toEqual(files)
  })

  test('a newer ledger format of our own is not taken for somebody else’s', async () => {
    await open()
    await opened.migrate([shop([[orders]])])
    await opened.run('ALTER TABLE selfsame_ledger ADD COLUMN later TEXT')
    expect(await opened.launch([shop([[orders]])])).toMatchObject({ outcome: 'current' })
  })

  test('not a database', async () => {
    await writeFile(file, 'This is a letter, not a database.'.repeat(40))
    const files = await listing()
    await expect(openDatabase(nodeDriver({ filename: file }))).rejects.toMatchObject({ code: 'not-a-database' })
    expect(await listing()).toEqual(files)
  })

  test('corrupt', async () => {
    await open()
    await opened.runUnguarded(...buildLegacyDatabase({ contacts: 400 }))
    await opened.close()
    const bytes = await readFile(file)
    // Overwrites a page in the middle, where the rows are, and not the schema.
    bytes.fill(0xff, 4096 * 12, 4096 * 13)
    await writeFile(file, bytes)
    await open()
    const files = await listing()
    const report = await opened.launch(identity)
    expect(report).toMatchObject({ applied: [], backup: null, error: { code: 'corrupt' } })
    expect(await listing()).toEqual(files)
  })

  test('somebody else holds the lock', async () => {
    await open()
    await opened.runUnguarded(...legacy)
    const files = await listing()
    const release = await opened.driver.acquireLaunchLock({ timeoutMs: 1000 })
    const report = await opened.launch(identity, { lockTimeoutMs: 60 })
    await release()
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'locked' } })
    expect(await listing()).toEqual(files)
  })
})

describe('A plan', () => {
  test('changes no byte and leaves nothing beside the file, whatever it would write', async () => {
    await open()
    await opened.runUnguarded(
      ...buildLegacyDatabase({ accounts: 200, contacts: 3000, additions: ['tables', 'views', 'triggers', 'indexes'] }),
    )
    const files = await listing()
    const plan = await opened.plan(identity)
    expect(plan.problems).toEqual([])
    expect(plan.steps.map(({ patch }) => patch)).toEqual([
      'identity-0002',
      'identity-0003',
      'identity-0004',
      'identity-0005',
    ])
    expect(await listing()).toEqual(files)
    expect(await opened.value('PRAGMA foreign_keys')).toBe(1)
  })

  test('names the statements that the launch then runs', async () => {
    await open()
    await opened.runUnguarded(
      ...buildLegacyDatabase({
        state: 'orphan',
        accountActiveDid: 'own',
        activeIdentity: 'set-null',
        activeIdentityValue: 'none',
      }),
    )
    const components = [
      ...identity,
      shop([[orders, { text: 'INSERT INTO shop_orders (item) VALUES (?)', params: ['bound'] }]]),
    ]
    const plan = await opened.plan(components)
    const ran: string[] = []
    const session = async () => {
      const inner = await opened.connection.reserve()
      const run: typeof inner.run = (statements, options) => {
        ran.push(...statements.map(({ text }) => text))
        return inner.run(statements, options)
      }
      return { ...inner, run }
    }
    await new Migrator(
      { driver: opened.driver, connection: { ...opened.connection, reserve: session } },
      components,
    ).launch()
    let from = 0
    for (const text of plan.steps.flatMap(({ statements }) => statements)) {
      const at = ran.indexOf(text, from)
      expect(at, text).toBeGreaterThanOrEqual(from)
      from = at + 1
    }
    expect(plan.steps.at(-1)).toMatchObject({ component: 'shop', patch: 'shop-0001', rows: [0, 1] })
    expect(JSON.stringify(plan)).not.toContain('bound')
  })

  test('of an empty database names the baseline once', async () => {
    await open()
    const { steps } = await opened.plan(identity)
    expect(steps.map(({ patch }) => patch)).toEqual([
      'identity-0001',
      'identity-0002',
      'identity-0003',
      'identity-0004',
      'identity-0005',
    ])
    expect(
      steps.flatMap(({ statements }) => statements).filter((text) => text.startsWith('CREATE TABLE accounts')),
    ).toHaveLength(1)
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('of a current database is empty', async () => {
    await open()
    await opened.migrate(identity)
    expect(await opened.plan(identity)).toEqual({ steps: [], problems: [], held: [] })
  })

  test.each(['identity-0003', 'identity-0005'])('stops where the launch would, with %s held', async (name) => {
    await open()
    await opened.runUnguarded(...buildLegacyDatabase())
    const plan = await opened.plan(identity, { hold: [name] })
    const report = await opened.migrate(identity, { hold: [name] })
    expect(plan.steps.map(({ patch }) => patch)).toEqual(report.applied)
    expect(plan.held).toEqual(report.held)
  })

  test('tells what would fail, where, and with which rows', async () => {
    await open()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (5)')
    const { problems } = await opened.plan([
      shop([[orders], { statements: [customers], before: [{ name: 'empty', rows: 'SELECT x FROM t' }] }]),
    ])
    expect(problems).toMatchObject([{ code: 'patch-failed', rows: [{ x: 5 }] }])
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual(['t'])
  })

  test('goes through the pieces of a chunked step without leaving any behind', async () => {
    await open()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (1), (2), (3)')
    const files = await listing()
    const step = {
      code: 'doubles',
      next: async (
        tx: { execute: (s: { text: string; params: unknown[] }) => Promise<unknown> },
        cursor: string | null,
      ) => {
        const at = Number(cursor ?? 0) + 1
        await tx.execute({ text: 'UPDATE t SET x = x * 2 WHERE rowid = ?', params: [at] })
        return at === 3 ? null : String(at)
      },
    }
    const plan = await opened.plan([shop([[step]])])
    expect(plan).toMatchObject({ problems: [], steps: [{ patch: 'shop-0001', rows: [3] }] })
    expect(await listing()).toEqual(files)
  })
})

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

  const withCopies = (copies: Partial<DriverCopies>): DriverConnection => ({
    ...opened.connection,
    copies: { ...opened.connection.copies!, ...copies },
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
  expect(await opened.launch(identity)).toMatchObject({ outcome: 'refused', backup: null, error: { code: 'duplicate-dids' } })
  expect(await opened.value('PRAGMA journal_mode')).toBe('wal')
  expect(await opened.snapshot()).toEqual(before)
})

test('A launch that finds the database locked by a writer changes nothing', async () => {
  await open()
  await opened.runUnguarded(...buildLegacyDatabase())
  const before = await opened.snapshot()
  const writer = new DatabaseSync(file)
  writer.exec('BEGIN IMMEDIATE')
  const report = await opened.launch(identity, { backup: false })
  writer.exec('ROLLBACK')
  writer.close()
  expect(report).toMatchObject({ outcome: 'failed', applied: [], error: { code: 'locked' } })
  expect(await opened.snapshot()).toEqual(before)
  expect(await opened.launch(identity)).toMatchObject({ outcome: 'migrated' })
})
