// The worker of one connection: it is alone in its thread, because only workers get synchronous file handles.
import { createBirpc } from 'birpc'
import { answer, type Answer } from '../../answer.ts'
import { Member, type MemberOptions } from './tabs/member.ts'
import { transferables, type Call, type StorageReport } from './tabs/operations.ts'

/** What the page calls on its worker. */
export interface WorkerFunctions {
  join(options: Omit<MemberOptions, 'changed' | 'alive'>): Promise<Answer<StorageReport>>
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
}

let member: Member | undefined

export const page = createBirpc<PageFunctions, WorkerFunctions>(
  {
    join: (options) =>
      answer(() => {
        member = new Member({
          ...options,
          changed: (tables) => void page.changed.asEvent(tables),
          alive: () => void page.alive.asEvent(),
        })
        return member.join()
      }),
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
