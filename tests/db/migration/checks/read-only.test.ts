import { afterEach, describe, expect, test } from 'vitest'
import type { Component, Patch } from '../../../../src/db/migration/component.ts'
import { isQuery } from '../../../../src/db/migration/checks/read-only.ts'
import { verifyDatabase } from '../../../../src/db/verify.ts'
import { orders, shop } from '../shop.ts'
import { openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const emptied = 'DELETE FROM t RETURNING x'

/** The same as defineComponent would give, had it let the patch through. */
const unguarded = (patch: Partial<Patch>, rest: Partial<Component> = {}): Component => ({
  name: 'shop',
  patches: [{ name: 'shop-0001', statements: [orders], ...patch }],
  ...rest,
})

describe('A query of a component', () => {
  test.each([
    'SELECT 1',
    'VALUES (1)',
    'WITH c AS (SELECT 1) SELECT * FROM c',
    'with recursive c (n) as (values (1) union all select n + 1 from c limit 3), d as materialized (select 2) select n from c, d',
    'WITH "delete" AS (SELECT 1) SELECT * FROM "delete"',
    'PRAGMA foreign_key_check',
    'PRAGMA main.table_info(t);',
    'PRAGMA user_version',
  ])('may be %s', (text) => expect(isQuery(text)).toBe(true))

  test.each([
    emptied,
    'WITH c AS (SELECT 1) DELETE FROM t RETURNING x',
    'WITH c (a) AS (SELECT 1), d AS NOT MATERIALIZED (SELECT 2) INSERT INTO t SELECT a FROM c RETURNING x',
    '/* SELECT */ UPDATE t SET x = 1 RETURNING x',
    'PRAGMA user_version = 3',
    'PRAGMA incremental_vacuum',
    'EXPLAIN PRAGMA foreign_keys = OFF',
    'CREATE TABLE u (x)',
  ])('may not be %s', (text) => expect(isQuery(text)).toBe(false))

  test.each<[string, Partial<Patch>]>([
    ['check', { before: [{ name: 'c', rows: emptied }] }],
    ['check in code', { before: [{ name: 'c', rows: (tx) => tx.query({ text: emptied }) }] }],
    ['batch of a check', { after: [{ name: 'c', rows: async (tx) => (await tx.batch([{ text: emptied }]), []) }] }],
    ['present', { present: emptied }],
    ['waitsFor', { waitsFor: async (tx) => (await tx.execute({ text: emptied }), []) }],
  ])('cannot write where the launch fails: a %s', async (_, patch) => {
    opened = await openDatabase()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (1)')
    expect(await opened.launch([unguarded(patch)])).toMatchObject({ error: { code: 'unsupported' } })
    expect(await opened.list('SELECT x FROM t')).toEqual([1])
  })

  test('cannot write where it is verified', async () => {
    opened = await openDatabase()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (1)')
    const invariants = [{ name: 'i', rows: emptied, since: 'shop-0001' }]
    await opened.migrate([unguarded({})])
    await expect(verifyDatabase(opened.db, [unguarded({}, { invariants })])).rejects.toMatchObject({
      code: 'unsupported',
    })
    expect(await opened.list('SELECT x FROM t')).toEqual([1])
  })

  test.each<[string, Partial<Patch>]>([
    ['check “c” could write', { before: [{ name: 'c', rows: emptied }] }],
    ['check “c” has 2 statements', { after: [{ name: 'c', rows: 'SELECT 1; SELECT 2' }] }],
    ['present could write', { present: emptied }],
  ])('is refused at definition: %s', (words, patch) => {
    expect(() => shop([{ statements: [orders], ...patch }])).toThrow(words)
  })
})
