import type { ExchangeRequest } from '../port-exchange.ts'

/** How long a shared worker may take to come up, in milliseconds. Until it has, tabs are written to by broadcast. */
const startPatience = 1000

/** How long a tab may take to greet, in milliseconds; it is written to by broadcast if it takes longer. */
const patience = 200

export interface DirectPortsOptions {
  readonly tab: string
  /** Asks the page for a way to the exchange, which comes by {@link DirectPorts.connect}. */
  readonly reach: () => void
  /** Called with each port through which another tab wants to speak to this one. */
  readonly offered: (from: string, port: MessagePort) => void
}

/** This tab's ports to and from other tabs, which a shared worker passes on. */
export class DirectPorts {
  readonly #tab: string
  readonly #reach: () => void
  readonly #offered: DirectPortsOptions['offered']
  readonly #late = after(startPatience)
  #exchange: MessagePort | undefined
  #registered = Promise.withResolvers<boolean>()

  constructor({ tab, reach, offered }: DirectPortsOptions) {
    this.#tab = tab
    this.#reach = reach
    this.#offered = offered
    reach()
  }

  /** @param exchange `undefined` where the browser has no shared workers */
  connect(exchange: MessagePort | undefined): void {
    if (!exchange) return this.#registered.resolve(false)
    this.#exchange = exchange
    exchange.onmessage = ({ data, ports: [port] }: MessageEvent<Partial<ExchangeRequest>>) => {
      if (data.from === undefined || !port) return this.#registered.resolve(true)
      port.postMessage('here')
      this.#offered(data.from, port)
    }
    exchange.postMessage({ from: this.#tab } satisfies ExchangeRequest)
  }

  /** A port to that tab; `undefined` where there is none to be had. It greets first: what is posted then arrives. */
  async to(tab: string): Promise<MessagePort | undefined> {
    const isRegistered = await Promise.race([this.#registered.promise, this.#late])
    const exchange = this.#exchange
    if (!isRegistered || !exchange) return undefined
    const { port1: port, port2: offered } = new MessageChannel()
    const answer = new Promise<'here' | 'unknown'>((resolve) => {
      port.onmessage = ({ data }: MessageEvent<'here' | 'unknown'>) => resolve(data)
    })
    exchange.postMessage({ from: this.#tab, to: tab } satisfies ExchangeRequest, [offered])
    const greeting = await Promise.race([answer, after(patience)])
    if (greeting === 'here') return port
    port.close()
    if (!greeting && this.#exchange === exchange) this.renew()
    return undefined
  }

  /** For when the exchange may be gone: it lives in some tab's process and dies with it, and no event tells (Chromium 156). */
  renew(): void {
    this.#exchange?.close()
    this.#exchange = undefined
    this.#registered = Promise.withResolvers()
    this.#reach()
  }

  close(): void {
    this.#exchange?.postMessage({ from: this.#tab, leaves: true } satisfies ExchangeRequest)
    this.#exchange?.close()
  }
}

function after(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds))
}
