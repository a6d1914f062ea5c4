import { createBirpc } from 'birpc'
import type { Driver } from '../../../driver.ts'
import { answer, type Answer } from '../../../answer.ts'
import type { Call, HostEvent } from '../calls/operations.ts'
import { HostedDatabase } from '../host/hosted-database.ts'
import { portToMain } from './port-to-main.ts'

/** What main calls on the thread of a database. */
export interface ThreadFunctions {
  call(call: Call): Promise<Answer>
  /** Answers as soon as no statement runs. */
  ping(): void
}

/** What the thread calls on main. */
export interface ThreadOwnerFunctions {
  tell(event: HostEvent): void
}

/**
 * Serves a database from the utility process or worker thread that calls this, to the `threadDriver` in main: the one line of
 * its script that the app writes, with the driver it chooses.
 *
 * @param driver the driver, or a promise of it: what it rejects with, every call does
 * @throws {DataLayerError} `unsupported` elsewhere
 * @example
 * serveDriver(nodeDriver({ filename: process.argv[2] ?? '' }))
 */
export function serveDriver(driver: Driver | Promise<Driver>): void {
  const port = portToMain()
  const database = Promise.resolve(driver).then(
    (ready) => new HostedDatabase({ driver: ready, tell: (_peer, event) => void main.tell.asEvent(event) }),
  )
  // Told to everybody who calls.
  database.catch(() => undefined)
  const main = createBirpc<ThreadOwnerFunctions, ThreadFunctions>(
    { call: (call) => answer(async () => (await database).call('main', call)), ping: () => undefined },
    { ...port, timeout: -1 },
  )
}
