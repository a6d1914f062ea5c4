// A service worker of the app's that opens the database, as one that answers pushes might try to.
import { DataLayerError } from 'selfsame'
import { webDriver } from 'selfsame/web'

globalThis.addEventListener('message', async ({ data, ports: [port] }: MessageEvent<string>) => {
  try {
    await webDriver({ name: data, persist: false }).open()
    port?.postMessage('opened')
  } catch (error) {
    port?.postMessage(error instanceof DataLayerError ? error.toJSON() : String(error))
  }
})
