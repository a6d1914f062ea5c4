// A shared worker, one for all tabs of an origin: it passes on the message ports through which they then speak directly.
// A broadcast between tabs goes through the browser's own process, which takes about twice as long.

/** What a tab's worker tells the exchange: where it is reached, that it leaves or, with a port, whom it wants to speak to. */
export interface ExchangeRequest {
  readonly from: string
  readonly to?: string
  readonly leaves?: true
}

// A tab that dies stays here, by its name: nobody asks for it again.
const tabs = new Map<string, MessagePort>()

globalThis.addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0]
  port?.addEventListener(
    'message',
    ({ data: { from, to, leaves }, ports: [offered] }: MessageEvent<ExchangeRequest>) => {
      if (leaves) tabs.delete(from)
      else if (!offered) {
        tabs.set(from, port)
        port.postMessage({})
      } else if (to !== undefined && tabs.has(to)) tabs.get(to)?.postMessage({ from }, [offered])
      else offered.postMessage('unknown')
    },
  )
  port?.start()
})
