import { expect, test } from 'vitest'
import { DataLayerError } from '../../../../src/errors/index.ts'
import { Caller } from '../../../../src/db/drivers/web/tabs/caller.ts'
import { OwnerGone, type OwnerLink } from '../../../../src/db/drivers/web/tabs/owner-link.ts'

const statements = (texts: readonly string[]) => texts.map((text) => ({ text, params: [] }))

/** What a session hears of its last call, whose owner dies with it; the calls before it succeed, or fail where they say so. */
async function lastAnswer(...calls: string[][]): Promise<{ code: string; rolledBack: unknown }> {
  let left = calls.length
  const link: OwnerLink = {
    owner: 'first',
    report: { kind: 'opfs', reason: null, movedFrom: null },
    call: async (call) => {
      if (call.name !== 'runInSession') return undefined
      left -= 1
      if (left === 0) throw new OwnerGone(false)
      if (call.values[1].some(({ text }) => text === 'fails')) throw new DataLayerError('sqlite')
      return []
    },
  }
  const caller = new Caller(async () => link)
  await caller.call({ name: 'reserve', values: ['s'] })
  let last: unknown
  for (const texts of calls) {
    last = await caller
      .call({ name: 'runInSession', values: ['s', statements(texts), {}] })
      .catch((error: unknown) => error)
  }
  if (!(last instanceof DataLayerError)) throw new Error('The last call was answered.')
  return { code: last.code, rolledBack: last.details?.['rolledBack'] }
}

test.each([
  [[['BEGIN'], ['INSERT INTO a VALUES (1)']]],
  [[['BEGIN'], ['SAVEPOINT x'], ['RELEASE x'], ['INSERT INTO a VALUES (1)']]],
])('an owner that dies in a transaction has rolled it back: %j', async (calls) => {
  expect(await lastAnswer(...calls)).toEqual({ code: 'closed', rolledBack: true })
})

test.each([
  [[['INSERT INTO a VALUES (1)']]],
  [[['BEGIN'], ['COMMIT']]],
  [[['SAVEPOINT x'], ['RELEASE x'], ['INSERT INTO a VALUES (1)']]],
  [[['BEGIN'], ['COMMIT', 'fails'], ['INSERT INTO a VALUES (1)']]],
  // ON CONFLICT ROLLBACK, or no room: SQLite may have ended it.
  [[['BEGIN'], ['fails'], ['INSERT INTO a VALUES (1)']]],
])('what an owner that dies has done is unknown where no transaction is sure: %j', async (calls) => {
  expect(await lastAnswer(...calls)).toEqual({ code: 'outcome-unknown', rolledBack: undefined })
})
