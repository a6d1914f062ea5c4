import { expect, test } from 'vitest'
import { transactionAfter, type SureTransaction } from '../../../../src/db/drivers/web/tabs/call-effects.ts'

test.each<[SureTransaction, string[], SureTransaction]>([
  ['none', ['BEGIN', 'INSERT INTO a VALUES (1)'], 'begun'],
  ['begun', ['SAVEPOINT x', 'RELEASE x'], 'begun'],
  ['begun', ['ROLLBACK TO x'], 'begun'],
  ['begun', ['COMMIT'], 'none'],
  ['begun', ['ROLLBACK'], 'none'],
  ['none', ['SAVEPOINT x'], 'savepoint'],
  // The first savepoint's own, or one within it: that is not sure.
  ['savepoint', ['RELEASE x'], 'none'],
])('of a session in %s, after %j, is sure: %s', (before, texts, after) => {
  expect(
    transactionAfter(
      texts.map((text) => ({ text, params: [] })),
      before,
    ),
  ).toBe(after)
})
