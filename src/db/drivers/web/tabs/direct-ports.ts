import type { ExchangeRequest } from '../port-exchange.ts'

/** How long the exchange, or a tab, may take to greet, in milliseconds: whoever is silent is written to by broadcast. */
const patience = 1000

/** This tab's ports to and from other tabs, which a shared worker passes on. */
export class DirectPorts {
  readonly #tab: string
  readonly #exchange: MessagePort
  readonly #registered: Promise<true>
  /** From the start on, so that a shared worker which never comes up is waited for once. */
  readonly #late: Promise<false>
  #gone = false

  /** @param offered called with each port through which another tab wants to speak to this one */
  constructor(tab: string, exchange: MessagePort, offered: (from: string, port: MessagePort) => void) {
    this.#tab = tab
    this.#exchange = exchange
    this.#registered = new Promise((resolve) => {
      exchange.onmessage = ({ data, ports: [port] }: MessageEvent<Partial<ExchangeRequest>>) => {
        if (data.from === undefined || !port) return resolve(true)
        port.postMessage('here')
        offered(data.from, port)
      }
    })
    // It lives in some tab's process, and dies with it. Browsers that do not tell let the next request wait in vain.
    exchange.addEventListener('close', () => (this.#gone = true))
    exchange.postMessage({ from: tab } satisfies ExchangeRequest)
    this.#late = after(patience)
  }

  /** A port to that tab; `undefined` where there is none to be had. It greets first: what is posted then arrives. */
  async to(tab: string): Promise<MessagePort | undefined> {
    if (this.#gone || !(await Promise.race([this.#registered, this.#late]))) return undefined
    const { port1: port, port2: offered } = new MessageChannel()
    const greeted = new Promise<boolean>((resolve) => {
      port.onmessage = ({ data }: MessageEvent<'here' | 'unknown'>) => resolve(data === 'here')
      // Whoever was to have it is gone.
      port.addEventListener('close', () => resolve(false))
    })
    this.#exchange.postMessage({ from: this.#tab, to: tab } satisfies ExchangeRequest, [offered])
    if (await Promise.race([greeted, after(patience)])) return port
    port.close()
    return undefined
  }

  close(): void {
    this.#exchange.close()
  }
}

function after(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds))
}
