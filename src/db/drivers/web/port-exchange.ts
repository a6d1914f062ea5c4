// A shared worker, one for all tabs of an origin: it passes on the message ports through which they then speak directly.
// A broadcast between tabs goes through the browser's own process, which takes about twice as long.

/** What a tab's worker tells the exchange: where it is reached or, with a port, whom it wants to speak to. */
export interface ExchangeRequest {
  readonly from: string
  readonly to?: string
}

const tabs = new Map<string, MessagePort>()

globalThis.addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0]
  port?.addEventListener('message', ({ data: { from, to }, ports: [offered] }: MessageEvent<ExchangeRequest>) => {
    if (!offered) {
      tabs.set(from, port)
      // Older browsers do not tell; what they keep is a name and a port.
      port.addEventListener('close', () => tabs.get(from) === port && tabs.delete(from))
      port.postMessage({})
    } else if (to !== undefined && tabs.has(to)) tabs.get(to)?.postMessage({ from }, [offered])
    else offered.postMessage('unknown')
  })
  port?.start()
})
