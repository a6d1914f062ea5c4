import type { Answer } from '../../answer.ts'
import type { Call, HostEvent } from './calls/operations.ts'

/** The one channel for calls, and the one on which main tells what happened. */
export const callChannel = 'selfsame:database'
export const eventChannel = 'selfsame:database-event'

/** The name under which the preload shows the bridge to the page. */
export const bridgeName = 'selfsameDatabase'

/** A call as it crosses. */
export type Message = Call & {
  /** The document that calls: after a reload it is another, and what the old one had open is ended. */
  readonly page: string
  readonly database: string
}

/** An event as it crosses. */
export interface EventMessage {
  readonly page: string
  readonly event: HostEvent
}

/** All that a page gets: calls of the port, to be judged by main, and what main tells. */
export interface ElectronBridge {
  call(database: string, call: Call): Promise<Answer>
  listen(listener: (event: HostEvent) => void): () => void
}
