import { expect, test } from 'vitest'
import { component } from '../shop.ts'
import { engines, openDatabase } from '../test-database.ts'

test.each(engines)('a patch may not swap one orphan in a WITHOUT ROWID table for another, on %s', async (engine) => {
  const opened = await openDatabase(engine)
  await opened.runUnguarded(
    'CREATE TABLE p (k TEXT PRIMARY KEY)',
    'CREATE TABLE c (id TEXT PRIMARY KEY, k TEXT REFERENCES p (k)) WITHOUT ROWID',
    "INSERT INTO p VALUES ('good')",
    "INSERT INTO c VALUES ('my secret', 'good'), ('2', 'gone')",
  )
  const swap = ["DELETE FROM c WHERE id = '2'", "DELETE FROM p WHERE k = 'good'"]
  const { error } = await opened.launch([component('a', [swap])])
  expect(error).toMatchObject({ code: 'foreign-key-violation', details: { rows: [{ table: 'c', rowid: null }] } })
  expect(JSON.stringify(error)).not.toContain('secret')
  // What was there before is nobody's fault.
  const keeps = component('a', [["UPDATE p SET k = k WHERE k = 'good'"]])
  expect((await opened.migrate([keeps])).applied).toEqual(['a-0001'])
  await opened.close()
})
