import { createBirpc } from 'birpc'
import type { Answer } from '../../../answer.ts'
import type { Call, StorageReport } from './operations.ts'

/** What the owner answers to a call that it did not begin: it is closing, or owns nothing. */
export const notTaken = 'not-taken'

/** What a tab calls on the tab that owns the database. */
export interface OwnerFunctions {
  hello(protocol: number): Answer<StorageReport> | typeof notTaken
  call(call: Call): Answer | typeof notTaken
  leave(): void
}

/** What the owner calls on the tabs it serves. */
export interface TabFunctions {
  /** It lets go of the database. Every call it began is answered before this. */
  bye(): void
}

interface Envelope {
  readonly from: string
  readonly to: 'owner' | 'tab'
  readonly message: unknown
}

type Receiver = (message: unknown) => void

/** One tab's messages to and from other tabs: each tab has a channel of its own, so that none sees another's rows. */
export class Mail {
  readonly #tab: string
  readonly #channelName: (tab: string) => string
  readonly #inbox: BroadcastChannel
  readonly #outboxes = new Map<string, BroadcastChannel>()
  readonly #receivers = new Map<string, Receiver>()
  #newTab: ((tab: string) => void) | undefined

  constructor(tab: string, channelName: (tab: string) => string) {
    this.#tab = tab
    this.#channelName = channelName
    this.#inbox = new BroadcastChannel(channelName(tab))
    this.#inbox.onmessage = ({ data }: MessageEvent<Envelope>) => this.#receive(data)
  }

  /** Calls `serve` once for each tab that writes to this one as to the owner. */
  onNewTab(serve: (tab: string) => void): void {
    this.#newTab = serve
  }

  /** The calls this tab makes as the owner's client. */
  toOwner(owner: string, functions: TabFunctions) {
    return createBirpc<OwnerFunctions, TabFunctions>(functions, this.#channel(owner, 'owner', `owner ${owner}`))
  }

  /** The calls this tab answers as the owner. */
  toTab(tab: string, functions: OwnerFunctions) {
    return createBirpc<TabFunctions, OwnerFunctions>(functions, this.#channel(tab, 'tab', `tab ${tab}`))
  }

  forget(tab: string): void {
    for (const key of [`owner ${tab}`, `tab ${tab}`]) this.#receivers.delete(key)
    this.#outboxes.get(tab)?.close()
    this.#outboxes.delete(tab)
  }

  close(): void {
    this.#inbox.close()
    for (const outbox of this.#outboxes.values()) outbox.close()
    this.#outboxes.clear()
  }

  #channel(peer: string, role: Envelope['to'], key: string) {
    return {
      post: (message: unknown) =>
        this.#outbox(peer).postMessage({ from: this.#tab, to: role, message } satisfies Envelope),
      on: (receive: Receiver) => void this.#receivers.set(key, receive),
      off: () => void this.#receivers.delete(key),
      // A statement may take as long as it takes; an owner that is gone is noticed by its lock.
      timeout: -1,
    }
  }

  #receive({ from, to, message }: Envelope): void {
    const key = to === 'owner' ? `tab ${from}` : `owner ${from}`
    if (to === 'owner' && !this.#receivers.has(key)) this.#newTab?.(from)
    this.#receivers.get(key)?.(message)
  }

  #outbox(tab: string): BroadcastChannel {
    const known = this.#outboxes.get(tab)
    if (known) return known
    const outbox = new BroadcastChannel(this.#channelName(tab))
    this.#outboxes.set(tab, outbox)
    return outbox
  }
}
