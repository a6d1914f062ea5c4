import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TransactionGate } from '../../src/db/transaction-gate.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A promise, and what settles it. */
function deferred(): { promise: Promise<void>; settle: () => void } {
  let settle!: () => void
  const promise = new Promise<void>((resolve) => (settle = resolve))
  return { promise, settle }
}

const nothing = async () => undefined

/** What became of a promise so far: the code it rejected with, or `done`. */
function outcomeOf(promise: Promise<unknown>): { code?: string } {
  const outcome: { code?: string } = {}
  promise.then(
    () => (outcome.code = 'done'),
    (error: { code: string }) => (outcome.code = error.code),
  )
  return outcome
}

test('a free gate lets through at once', async () => {
  await expect(new TransactionGate().pass(nothing)).resolves.toBeUndefined()
})

test('calls on a free gate, a transaction among them, begin in their order', async () => {
  const gate = new TransactionGate()
  const order: string[] = []
  const note = (name: string) => async () => void order.push(name)
  await Promise.all([gate.pass(note('first')), gate.hold(note('second')), gate.pass(note('third'))])
  expect(order).toEqual(['first', 'second', 'third'])
})

test('who waits is let through when the transaction ends', async () => {
  const gate = new TransactionGate()
  const { promise, settle } = deferred()
  const order: string[] = []
  const held = gate.hold(() => promise).then(() => order.push('ended'))
  const passed = gate.pass(nothing).then(() => order.push('passed'))
  await vi.advanceTimersByTimeAsync(100)
  expect(order).toEqual([])
  settle()
  await Promise.all([held, passed])
  expect(order.toSorted()).toEqual(['ended', 'passed'])
})

test('of several that wait for one transaction one at a time goes on', async () => {
  const gate = new TransactionGate()
  let open = 0
  let most = 0
  const body = async () => {
    open += 1
    most = Math.max(most, open)
    await Promise.resolve()
    open -= 1
  }
  await Promise.all([gate.hold(body), gate.hold(body), gate.hold(body), gate.hold(body)])
  expect(most).toBe(1)
})

test('a call from inside is refused before anything waits', async () => {
  const gate = new TransactionGate()
  await gate.hold(async () => {
    await expect(gate.pass(nothing)).rejects.toMatchObject({ code: 'locked' })
    await expect(gate.hold(async () => undefined)).rejects.toMatchObject({ code: 'locked' })
  })
})

test('a call made as nobody’s child waits like any other', async () => {
  const gate = new TransactionGate()
  let passed: Promise<void> | undefined
  await gate.hold(async () => {
    passed = gate.outside(() => gate.pass(nothing))
  })
  await expect(passed).resolves.toBeUndefined()
})

test('who waits for a transaction that does nothing for four seconds is told so', async () => {
  const gate = new TransactionGate()
  const { promise, settle } = deferred()
  const held = gate.hold(() => promise)
  const outcome = outcomeOf(gate.pass(nothing))
  await vi.advanceTimersByTimeAsync(3999)
  expect(outcome.code).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(outcome.code).toBe('locked')
  settle()
  await held
})

test('a long call on the engine is not doing nothing', async () => {
  const gate = new TransactionGate()
  const { promise, settle } = deferred()
  const held = gate.hold((use) => use(() => promise))
  const outcome = gate.pass(nothing).then(
    () => 'passed',
    () => 'refused',
  )
  await vi.advanceTimersByTimeAsync(60_000)
  settle()
  await held
  expect(await outcome).toBe('passed')
})

test('where nothing follows an await, a call from inside is told after four seconds', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  const gate = new TransactionGate()
  const held = gate.hold(async () => {
    await Promise.resolve()
    await gate.pass(nothing)
  })
  const outcome = outcomeOf(held)
  await vi.advanceTimersByTimeAsync(4000)
  expect(outcome.code).toBe('locked')
})

test('there, a call before the first await is told at once', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  const gate = new TransactionGate()
  await expect(gate.hold(() => gate.pass(nothing))).rejects.toMatchObject({ code: 'locked' })
})

test('a body that throws lets the next one in', async () => {
  const gate = new TransactionGate()
  await expect(gate.hold(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(gate.hold(async () => 1)).resolves.toBe(1)
})
