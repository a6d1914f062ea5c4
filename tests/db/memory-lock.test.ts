import { expect, test } from 'vitest'
import { MemoryLock } from '../../src/db/memory-lock.ts'

test('it is had in the order asked for', async () => {
  const lock = new MemoryLock('me')
  const order: number[] = []
  const use = async (number: number) => {
    const release = await lock.acquire({ timeoutMs: 1000 })
    order.push(number)
    await release()
  }
  await Promise.all([use(1), use(2), use(3)])
  expect(order).toEqual([1, 2, 3])
})

test('one that gave up does not hold up those behind it', async () => {
  const lock = new MemoryLock('me')
  const release = await lock.acquire({ timeoutMs: 0 })
  const gaveUp = lock.acquire({ timeoutMs: 5 })
  const patient = lock.acquire({ timeoutMs: 60_000 })
  await expect(gaveUp).rejects.toMatchObject({ code: 'locked', details: { holder: 'me', since: expect.any(String) } })
  await release()
  await (
    await patient
  )()
  await expect(lock.acquire({ timeoutMs: 0 })).resolves.toBeTypeOf('function')
})

test('letting go twice is letting go once', async () => {
  const lock = new MemoryLock('me')
  const first = await lock.acquire({ timeoutMs: 0 })
  await first()
  await lock.acquire({ timeoutMs: 0 })
  await first()
  await expect(lock.acquire({ timeoutMs: 5 })).rejects.toMatchObject({ code: 'locked' })
})

test('who finds it held is told by whom, once', async () => {
  const lock = new MemoryLock('me')
  const heard: unknown[] = []
  const release = await lock.acquire({ timeoutMs: 0, onWait: (holder) => heard.push(holder) })
  expect(heard).toEqual([])
  const second = lock.acquire({ timeoutMs: 1000, onWait: (holder) => heard.push(holder) })
  await release()
  await second
  expect(heard).toEqual([{ holder: 'me', since: expect.any(String) }])
})
