import { afterEach, describe, expect, test } from 'vitest'
import type { PatchStep } from '../../../../src/db/migration/component.ts'
import { component } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const piece = { code: 'a piece', next: () => Promise.resolve(null) }

describe.each(engines)('Rows that had no parent before on %s', (engine) => {
  async function open() {
    opened = await openDatabase(engine)
    await opened.run(
      'CREATE TABLE p (id INTEGER PRIMARY KEY)',
      'CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p)',
    )
    await opened.runUnguarded('INSERT INTO p VALUES (1)', 'INSERT INTO c VALUES (1, 1), (2, 70), (3, 71)')
  }

  const renamings: [string, PatchStep[], string][] = [
    ['their parent', ['ALTER TABLE p RENAME TO people'], 'DELETE FROM people'],
    ['their table', ['ALTER TABLE c RENAME TO children'], 'UPDATE children SET p = 72 WHERE id = 1'],
    ['their column', ['ALTER TABLE c RENAME COLUMN p TO person'], 'UPDATE c SET person = 72 WHERE id = 1'],
    ['their table and then column', ['ALTER TABLE c RENAME TO k', 'ALTER TABLE k RENAME p TO q'], 'DELETE FROM p'],
    ['their column behind a new one', ['ALTER TABLE c ADD COLUMN n', 'ALTER TABLE c RENAME p TO q'], 'DELETE FROM p'],
  ]
  // Each in a patch of its own.
  const patchesOf = (steps: PatchStep[], rest: PatchStep[] = []) => steps.map((step) => [step, ...rest])

  test.each(renamings)('do not stop a patch that renames %s, and a new one still does', async (_, steps, orphans) => {
    await open()
    await opened.migrate([component('a', patchesOf(steps))])
    expect(await opened.launch([component('a', [...patchesOf(steps), [orphans]])])).toMatchObject({
      outcome: 'failed',
      error: { code: 'foreign-key-violation', details: { rows: [{ rowid: 1 }] } },
    })
  })

  test.each(renamings)('do not stop one patch that renames %s', async (_, steps, orphans) => {
    await open()
    await opened.migrate([component('a', [steps])])
    expect((await opened.launch([component('a', [steps, [orphans]])])).error).toMatchObject({
      code: 'foreign-key-violation',
      details: { rows: [{ rowid: 1 }] },
    })
  })

  test('do not stop a patch under which two tables swap their names', async () => {
    await open()
    await opened.run('CREATE TABLE d (id INTEGER PRIMARY KEY, p REFERENCES p)', 'INSERT INTO d VALUES (2, 1)')
    const swap = ['ALTER TABLE c RENAME TO x', 'ALTER TABLE d RENAME TO c', 'ALTER TABLE x RENAME TO d']
    expect((await opened.launch([component('a', [[...swap, 'UPDATE c SET p = 72']])])).error).toMatchObject({
      details: { rows: [{ table: 'c', rowid: 2 }] },
    })
    await opened.migrate([component('a', [swap])])
    expect(await opened.list('SELECT p FROM d ORDER BY id')).toEqual([1, 70, 71])
  })

  test.each(renamings)('do not stop a patch in pieces that renames %s', async (_, steps, orphans) => {
    await open()
    await opened.migrate([component('a', patchesOf(steps, [piece]))])
    const more = component('a', [...patchesOf(steps, [piece]), [orphans, piece]])
    expect((await opened.launch([more])).error).toMatchObject({ details: { rows: [{ rowid: 1 }] } })
  })

  test('do not stop the way back from a renaming', async () => {
    await open()
    const revert = ['ALTER TABLE children RENAME TO c', 'ALTER TABLE people RENAME TO p']
    const statements = ['ALTER TABLE p RENAME TO people', 'ALTER TABLE c RENAME TO children']
    const a = component('a', [['CREATE TABLE a (x)'], { statements, revert }])
    await opened.migrate([a])
    expect((await opened.rollback([a], 'a-0001')).reverted).toEqual(['a-0002'])
    expect(await opened.list('SELECT p FROM c ORDER BY id')).toEqual([1, 70, 71])
  })
})
