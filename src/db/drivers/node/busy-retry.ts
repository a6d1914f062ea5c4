import { setTimeout as sleep } from 'node:timers/promises'
import { codedError, isBusy } from './node-error.ts'

/** How long a statement waits for another process's lock, in milliseconds. */
export const longestWait = 5000

/**
 * Tries again while another connection holds the lock. SQLite's own busy timeout would stop the whole event loop for as
 * long, which is why it is set to 0 on every connection.
 *
 * @param mayRetry whether the failed attempt had no effect, so that doing it again is doing it once
 * @param wait how long to try, in milliseconds; about 5 seconds unless said
 * @throws {DataLayerError} `locked` when the time is over; whatever else SQLite reported, at once
 */
export async function whenFree<T>(
  attempt: () => T,
  mayRetry: () => boolean = () => true,
  wait = longestWait,
): Promise<T> {
  const end = performance.now() + wait
  for (let pause = 1; ; pause = Math.min(pause * 2, 64)) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || !mayRetry() || performance.now() >= end) throw codedError(error)
    }
    // Two writers that wait the same time would meet again.
    await sleep(pause * (0.5 + Math.random()))
  }
}
