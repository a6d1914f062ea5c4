import { bridgeName, callChannel, eventChannel, type ElectronBridge, type EventMessage } from '../bridge.ts'
import type { Answer } from '../../../answer.ts'
import type { HostEvent } from '../calls/operations.ts'

/** What is needed of Electron's `contextBridge`. */
export interface ContextBridgeLike {
  exposeInMainWorld(name: string, api: unknown): void
}

/** What is needed of Electron's `ipcRenderer`. */
export interface IpcRendererLike {
  invoke(channel: string, ...values: unknown[]): Promise<unknown>
  // Electron's own listener type, whose first argument differs from version to version.
  // oxlint-disable-next-line typescript/no-explicit-any
  on(channel: string, listener: (event: any, ...values: any[]) => void): unknown
}

/**
 * Shows the page one object with the calls of the database, and nothing else of Electron. Call it in the preload script of
 * every window that uses the database; `contextIsolation` and `sandbox` stay on.
 *
 * @example
 * import { contextBridge, ipcRenderer } from 'electron'
 * exposeElectronDatabase(contextBridge, ipcRenderer)
 */
export function exposeElectronDatabase(contextBridge: ContextBridgeLike, ipcRenderer: IpcRendererLike): void {
  const page = newPage()
  const listeners = new Set<(event: HostEvent) => void>()
  ipcRenderer.on(eventChannel, (_event, message: EventMessage) => {
    if (message.page !== page) return
    for (const listener of listeners) listener(message.event)
  })
  const bridge: ElectronBridge = {
    call: (database, { name, values }) =>
      ipcRenderer.invoke(callChannel, { page, database, name, values }) as Promise<Answer>,
    listen: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  contextBridge.exposeInMainWorld(bridgeName, bridge)
}

/** Names this document. `crypto.randomUUID` is not there for pages that are no secure context. */
function newPage(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
