import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import type { Component } from '../../../src/db/migration/component.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { buildLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { customers, orders, shop } from './shop.ts'
import { openDatabase, type LaunchOptions, type TestDatabase } from './test-database.ts'
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
const listing = () => place.listing()
const identity = [identityComponent()]

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
