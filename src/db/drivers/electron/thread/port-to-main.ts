import { parentPort } from 'node:worker_threads'
import { DataLayerError } from '../../../../errors/index.ts'

interface PortToMain {
  post(message: unknown): void
  on(receive: (message: unknown) => void): void
}

/** `process.parentPort` of a utility process of Electron's. */
interface UtilityPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
}

/** @throws {DataLayerError} `unsupported` where there is none */
export function portToMain(): PortToMain {
  const utility = (process as { readonly parentPort?: UtilityPort }).parentPort
  if (utility)
    return {
      post: (message) => utility.postMessage(message),
      on: (receive) => void utility.on('message', ({ data }) => receive(data)),
    }
  const port = parentPort
  if (!port) throw new DataLayerError('unsupported', 'serveDriver is called in a utility process or a worker thread.')
  return { post: (message) => port.postMessage(message), on: (receive) => void port.on('message', receive) }
}
