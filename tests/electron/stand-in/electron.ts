import { EventEmitter } from 'node:events'
import type { IpcMainLike, WebContentsLike, WebFrameLike } from '../../../src/db/drivers/electron/main/index.ts'
import type { ContextBridgeLike, IpcRendererLike } from '../../../src/db/drivers/electron/preload/index.ts'
import { acrossWorlds } from './context-bridge.ts'

type Handler = (event: unknown, ...values: unknown[]) => unknown

/** A window of the stand-in: what main sees of it, and what its preload script is given. */
export interface StandInWindow {
  readonly contents: WebContentsLike & EventEmitter
  readonly ipcRenderer: IpcRendererLike
  readonly contextBridge: ContextBridgeLike
  /** What the preload exposed to the page. */
  readonly world: Record<string, unknown>
  /** Calls as the document of another frame, or of another address, would. */
  invokeAs(frame: WebFrameLike | null, channel: string, ...values: unknown[]): Promise<unknown>
  /** Shows another document, or the same anew: nothing of the old one is heard any more. */
  navigate(url: string): void
  destroy(): void
}

/**
 * A stand-in for Electron in plain Node. Every message is cloned on its way, and an error becomes Electron's own sentence
 * about it. What it cannot show: processes of their own, and Chromium.
 */
export function standInElectron() {
  const handlers = new Map<string, Handler>()
  const ipcMain: IpcMainLike = {
    handle: (channel, handler) => {
      if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
      handlers.set(channel, handler)
    },
    removeHandler: (channel) => void handlers.delete(channel),
  }
  let lastId = 0

  function newWindow(url: string): StandInWindow {
    const contents = new StandInContents((lastId += 1))
    let frame: WebFrameLike = { url, parent: null }
    let document = new EventEmitter()
    let world: Record<string, unknown> = {}
    contents.deliver = (channel, values) => {
      const receiver = document
      queueMicrotask(() => receiver.emit(channel, {}, ...values))
    }
    const invokeAs = async (sender: WebFrameLike | null, channel: string, ...values: unknown[]): Promise<unknown> => {
      const sent = structuredClone(values)
      await Promise.resolve()
      try {
        const handler = handlers.get(channel)
        if (!handler) throw new Error(`No handler registered for '${channel}'`)
        return structuredClone(await handler({ sender: contents, senderFrame: sender }, ...sent))
      } catch (error) {
        throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error })
      }
    }
    return {
      contents,
      get ipcRenderer(): IpcRendererLike {
        const own = document
        return {
          invoke: (channel, ...values) => invokeAs(frame, channel, ...values),
          on: (channel, listener) => own.on(channel, listener),
        }
      },
      contextBridge: {
        exposeInMainWorld: (name, api) => {
          world[name] = Object.freeze(acrossWorlds(api))
        },
      },
      get world() {
        return world
      },
      invokeAs,
      navigate: (next) => {
        contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, url: next })
        document = new EventEmitter()
        world = {}
        frame = { url: next, parent: null }
        contents.emit('did-navigate', {}, next)
      },
      destroy: () => contents.destroy(),
    }
  }
  return { ipcMain, newWindow }
}

class StandInContents extends EventEmitter implements WebContentsLike {
  readonly id: number
  deliver: (channel: string, values: unknown[]) => void = () => undefined
  #destroyed = false

  constructor(id: number) {
    super()
    this.id = id
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  send(channel: string, ...values: unknown[]): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed')
    this.deliver(channel, structuredClone(values))
  }

  destroy(): void {
    this.#destroyed = true
    this.emit('destroyed')
  }
}
