import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { mustBelong } from '../../src/db/must-belong.ts'

test('a copy of something else is refused with the names of its tables, and none of its rows', () => {
  const copy = new DatabaseSync(':memory:')
  copy.exec('CREATE TABLE "odd ""name" (x); CREATE TABLE notes (x); INSERT INTO notes VALUES (\'secret\')')
  const ask = (query: string) => Object.values(copy.prepare(query).get() ?? {})[0]
  expect(() => mustBelong(ask, ['SELECT 1 FROM selfsame_ledger'])).toThrow(
    expect.objectContaining({
      code: 'foreign-schema',
      message: 'The copy holds something else than this app’s tables: notes, odd "name. Nothing was replaced.',
      details: { tables: ['notes', 'odd "name'] },
    }),
  )
  copy.close()
})
