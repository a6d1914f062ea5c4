import { expect, test } from 'vitest'
import { whenFree } from '../../../../src/db/drivers/node/busy-retry.ts'

/** An attempt that meets SQLite's result codes one after the other, and then succeeds. */
function attemptMeeting(...codes: readonly number[]) {
  const left = [...codes]
  const attempt = () => {
    attempt.calls += 1
    const errcode = left.shift()
    if (errcode !== undefined) throw Object.assign(new Error('database is locked'), { errcode })
    return 'done'
  }
  attempt.calls = 0
  return attempt
}

test('a lock is met again and again until it is gone', async () => {
  const attempt = attemptMeeting(5, 5, 261, 5)
  await expect(whenFree(attempt)).resolves.toBe('done')
  expect(attempt.calls).toBe(5)
})

test('what may have had an effect is not done again', async () => {
  const attempt = attemptMeeting(5, 5)
  await expect(whenFree(attempt, () => false)).rejects.toMatchObject({ code: 'locked' })
  expect(attempt.calls).toBe(1)
})

test('a snapshot that is out of date stays so, and any other fault is none of a lock', async () => {
  for (const code of [517, 1, 19]) {
    const attempt = attemptMeeting(code)
    await expect(whenFree(attempt)).rejects.toThrow('database is locked')
    expect(attempt.calls).toBe(1)
  }
})

test('a lock is waited for as long as the caller says', async () => {
  const attempt = attemptMeeting(5, 5)
  await expect(whenFree(attempt, undefined, 0)).rejects.toMatchObject({ code: 'locked' })
  expect(attempt.calls).toBe(1)
})
