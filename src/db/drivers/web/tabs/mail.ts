import type { Answer } from '../../../answer.ts'
import { DirectPorts } from './direct-ports.ts'
import type { Call, StorageReport } from './operations.ts'

/** What the owner answers to a call that it did not begin: it is closing, or owns nothing. */
export const notTaken = 'not-taken'

/** What a tab calls on the tab that owns the database. */
export interface OwnerFunctions {
  /** @param visit a name for what this tab does until it leaves, so that it knows its own commits in the news */
  hello(protocol: number, visit?: string): Answer<StorageReport> | typeof notTaken
  call(call: Call): Answer | typeof notTaken
  leave(): void
}

/** What the owner calls on the tabs it serves. */
export interface TabFunctions {
  /** It lets go of the database, once this has answered. Every call it began is answered before this. */
  bye(): void
}

/**
 * The way between two tabs, with what `birpc` asks of it. It stays the same from the first message to the last, so that
 * none overtakes another: a good-bye is believed to come after the answers.
 */
export interface Channel {
  post(message: unknown): void
  on(receive: Receiver): void
  off(): void
  /** None: a statement may take as long as it takes, and an owner that is gone is noticed by its lock. */
  readonly timeout: -1
  close(): void
}

type Receiver = (message: unknown) => void

interface Envelope {
  readonly from: string
  readonly to: 'owner' | 'tab'
  readonly message: unknown
}

export interface MailOptions {
  readonly tab: string
  readonly channelName: (tab: string) => string
  /** Asks the page for a way to the shared worker that passes ports on, which comes by {@link Mail.connect}. */
  readonly reachExchange: () => void
}

/** One tab's messages to and from other tabs, through a port or, where none is to be had, a broadcast channel for each tab. */
export class Mail {
  readonly #tab: string
  readonly #channelName: (tab: string) => string
  readonly #inbox: BroadcastChannel
  readonly #outboxes = new Map<string, BroadcastChannel>()
  readonly #receivers = new Map<string, Receiver>()
  readonly #ports: DirectPorts
  #newTab: ((tab: string, channel: Channel) => void) | undefined

  constructor({ tab, channelName, reachExchange }: MailOptions) {
    this.#tab = tab
    this.#channelName = channelName
    this.#inbox = new BroadcastChannel(channelName(tab))
    this.#inbox.onmessage = ({ data }: MessageEvent<Envelope>) => this.#receive(data)
    const offered = (from: string, port: MessagePort) => this.#newTab?.(from, portChannel(port))
    this.#ports = new DirectPorts({ tab, reach: reachExchange, offered })
  }

  /** @param exchange `undefined` where the browser has no shared workers: then tabs write to each other by broadcast */
  connect(exchange: MessagePort | undefined): void {
    this.#ports.connect(exchange)
  }

  /** Calls `serve` with each tab that comes to this one as to the owner: anew, when it was left and comes back. */
  onNewTab(serve: (tab: string, channel: Channel) => void): void {
    this.#newTab = serve
  }

  /** The way to the tab that owns the database. */
  async toOwner(owner: string): Promise<Channel> {
    const port = await this.#ports.to(owner)
    return port ? portChannel(port) : this.#broadcast(owner, 'owner')
  }

  close(): void {
    this.#inbox.close()
    this.#ports.close()
    for (const outbox of this.#outboxes.values()) outbox.close()
    this.#outboxes.clear()
  }

  #broadcast(peer: string, role: Envelope['to']): Channel {
    const key = `${role} ${peer}`
    const off = () => void this.#receivers.delete(key)
    return {
      post: (message) => this.#outbox(peer).postMessage({ from: this.#tab, to: role, message } satisfies Envelope),
      on: (receive) => void this.#receivers.set(key, receive),
      off,
      timeout: -1,
      close: () => {
        off()
        this.#outboxes.get(peer)?.close()
        this.#outboxes.delete(peer)
      },
    }
  }

  #receive({ from, to, message }: Envelope): void {
    const key = to === 'owner' ? `tab ${from}` : `owner ${from}`
    if (to === 'owner' && !this.#receivers.has(key)) {
      this.#newTab?.(from, this.#broadcast(from, 'tab'))
      // It has no exchange, or another one than this tab: the next one to come may find this one.
      this.#ports.renew()
    }
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

function portChannel(port: MessagePort): Channel {
  return {
    post: (message) => port.postMessage(message),
    on: (receive) => {
      port.onmessage = ({ data }) => receive(data)
    },
    off: () => {
      port.onmessage = null
    },
    timeout: -1,
    close: () => port.close(),
  }
}
