import { expect, test } from 'vitest'
import { DataLayerError } from '../../src/errors/index.ts'

test('an error is written as JSON whatever integers its details hold', () => {
  const details = { rows: [{ rowid: 2n ** 60n, table: 'contacts' }, { rowid: 7n }], at: null, some: new Set([1n]) }
  const error = new DataLayerError('foreign-key-violation', undefined, { details })
  expect(JSON.parse(JSON.stringify({ error }))).toMatchObject({
    error: {
      code: 'foreign-key-violation',
      details: { rows: [{ rowid: '1152921504606846976', table: 'contacts' }, { rowid: 7 }], at: null },
    },
  })
  expect(error.details).toBe(details)
})
