// The worker of one connection: it is alone in its thread, because only workers get synchronous file handles.
import { createBirpc } from 'birpc'
import { answer, type Answer } from '../../answer.ts'
import { Member, type MemberOptions } from './tabs/member.ts'
import { transferables, type Call, type StorageReport } from './tabs/operations.ts'

/** What the page calls on its worker. */
export interface WorkerFunctions {
  join(options: Omit<MemberOptions, 'reachExchange' | 'changed' | 'alive'>): Promise<Answer<StorageReport>>
  /** A way to the shared worker that passes ports from tab to tab; `undefined` where the browser has none. */
  connect(exchange: MessagePort | undefined): void
  call(call: Call): Promise<Answer>
  ping(): Promise<true>
  pause(): Promise<void>
  leave(): Promise<Answer<void>>
}

/** What the worker calls on its page. */
export interface PageFunctions {
  changed(tables: readonly string[]): void
  /** The worker holds its tab's lock. */
  alive(): void
  /** Asks for a way to the shared worker: `connect` brings it. */
  reachExchange(): void
}

let member: Member | undefined

export const page = createBirpc<PageFunctions, WorkerFunctions>(
  {
    join: (options) =>
      answer(() => {
        member = new Member({
          ...options,
          changed: (tables) => void page.changed.asEvent(tables),
          reachExchange: () => void page.reachExchange.asEvent(),
          alive: () => void page.alive.asEvent(),
        })
        return member.join()
      }),
    connect: (exchange) => member?.connect(exchange),
    call: (call) => answer(async () => member?.call(call)),
    ping: async () => true,
    pause: async () => member?.pause(),
    leave: () => answer(async () => member?.leave()),
  },
  {
    post: (message: { r?: Answer }) => {
      const value = message.r && 'value' in message.r ? message.r.value : undefined
      globalThis.postMessage(message, { transfer: transferables(value) })
    },
    on: (receive) => globalThis.addEventListener('message', ({ data }: MessageEvent) => receive(data)),
    timeout: -1,
  },
)
