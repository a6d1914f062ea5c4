import { expect, test } from 'vitest'
import type { ResultSet } from '../../src/db/driver.ts'
import { SessionQueue } from '../../src/db/session-queue.ts'
import { DataLayerError } from '../../src/errors/index.ts'
import { nothing } from './fake-connection.ts'

const statement = (text: string) => [{ text, params: [] }]

/** A queue on an engine that takes a turn of the event loop for each batch, and notes when each begins and ends. */
function slowQueue(options: { inTransaction?: () => boolean } = {}) {
  const log: string[] = []
  const run = async (statements: readonly { text: string }[]): Promise<ResultSet[]> => {
    const [{ text } = { text: '' }] = statements
    log.push(`${text} begins`)
    await new Promise((resolve) => setTimeout(resolve, 1))
    log.push(`${text} ends`)
    if (text === 'fails') throw new DataLayerError('sqlite')
    return [nothing]
  }
  return { log, queue: new SessionQueue({ run, ...options }) }
}

test('one batch runs at a time, in the order of the calls', async () => {
  const { log, queue } = slowQueue()
  await Promise.all([queue.run(statement('one')), queue.run(statement('two')), queue.run(statement('three'))])
  expect(log).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
})

test('one that fails does not stop the next', async () => {
  const { queue } = slowQueue()
  const [failed, next] = await Promise.allSettled([queue.run(statement('fails')), queue.run(statement('next'))])
  expect([failed.status, next.status]).toEqual(['rejected', 'fulfilled'])
})

test('while a session is reserved only its own statements run', async () => {
  const { log, queue } = slowQueue({ inTransaction: () => false })
  const session = await queue.reserve()
  const outside = queue.run(statement('outside'))
  await session.run(statement('inside'))
  await session.release()
  await outside
  expect(log).toEqual(['inside begins', 'inside ends', 'outside begins', 'outside ends'])
})

test('a release waits for what the session started, then rolls back', async () => {
  const { log, queue } = slowQueue()
  const session = await queue.reserve()
  const started = session.run(statement('started'))
  await session.release()
  await started
  expect(log).toEqual(['started begins', 'started ends', 'ROLLBACK begins', 'ROLLBACK ends'])
})

test('where the engine knows that no transaction is open, a release sends nothing', async () => {
  const { log, queue } = slowQueue({ inTransaction: () => false })
  await (await queue.reserve()).release()
  expect(log).toEqual([])
})

test('a ROLLBACK that found no transaction is no fault; any other is, and the queue goes on', async () => {
  let words = 'cannot rollback - no transaction is active'
  const queue = new SessionQueue({
    run: async ([first]) => {
      if (first?.text === 'ROLLBACK') throw new DataLayerError('sqlite', words)
      return [nothing]
    },
  })
  await expect((await queue.reserve()).release()).resolves.toBeUndefined()
  words = 'disk I/O error'
  await expect((await queue.reserve()).release()).rejects.toMatchObject({ message: words })
  await expect(queue.run(statement('next'))).resolves.toEqual([nothing])
})

test('closing lets the calls made so far finish, and refuses those made after', async () => {
  const { log, queue } = slowQueue()
  const before = queue.run(statement('before'))
  const closed = queue.close(async () => void log.push('closed'))
  await expect(queue.run(statement('after'))).rejects.toMatchObject({ code: 'closed' })
  await expect(queue.reserve()).rejects.toMatchObject({ code: 'closed' })
  expect(() => queue.mustBeOpen()).toThrow('closed')
  await Promise.all([before, closed])
  expect(log).toEqual(['before begins', 'before ends', 'closed'])
})

test('closing waits for a session, and a second close for the first', async () => {
  const { log, queue } = slowQueue({ inTransaction: () => false })
  const session = await queue.reserve()
  const closed = queue.close(async () => void log.push('closed'))
  const again = queue.close(async () => void log.push('closed again'))
  await session.run(statement('inside'))
  await session.release()
  await Promise.all([closed, again])
  expect(log).toEqual(['inside begins', 'inside ends', 'closed'])
})

test('transaction control is refused outside a session, and inside one where the batch has a transaction', async () => {
  const { queue } = slowQueue({ inTransaction: () => false })
  await expect(queue.run([...statement('SELECT 1'), ...statement('COMMIT')])).rejects.toMatchObject({
    code: 'unsupported',
    details: { statement: 1 },
  })
  const session = await queue.reserve()
  await expect(session.run(statement('BEGIN'))).resolves.toEqual([nothing])
  await expect(session.run(statement('BEGIN'), { transaction: true })).rejects.toMatchObject({ code: 'unsupported' })
  await session.release()
})
