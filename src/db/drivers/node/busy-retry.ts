import { setTimeout as sleep } from 'node:timers/promises'
import { databaseHeld } from '../../locked.ts'
import { codedError, isBusy } from './node-error.ts'

/** How long a statement waits for another process's lock, in milliseconds. */
export const longestWait = 5000

/**
 * Tries again while another connection holds the lock. SQLite's own busy timeout would stop the whole event loop for as
 * long, which is why it is set to 0 on every connection.
 *
 * @param mayRetry whether the failed attempt had no effect, so that doing it again is doing it once
 * @param wait how long to try, in milliseconds; about 5 seconds unless said
 * @throws {DataLayerError} `locked` with `details.waitedMs` when the time is over; whatever else SQLite reported, at once
 */
export async function whenFree<T>(
  attempt: () => T,
  mayRetry: () => boolean = () => true,
  wait = longestWait,
): Promise<T> {
  const started = performance.now()
  for (let pause = 1; ; pause = Math.min(pause * 2, 64)) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || !mayRetry()) throw codedError(error)
      const waited = performance.now() - started
      if (waited >= wait) throw databaseHeld(codedError(error), waited)
    }
    // Two writers that wait the same time would meet again.
    await sleep(Math.min(pause * (0.5 + Math.random()), Math.max(1, started + wait - performance.now())))
  }
}
