import { acrossWorlds } from '../stand-in/context-bridge.ts'

/**
 * A script that runs a preload script in a page before the page's own, with the stand-in's `electron` to require. In a real
 * Electron it would have a world of its own; here what it exposes is copied as if it had.
 */
export function preloadWorld(preload: string): string {
  return `(() => {
    ${acrossWorlds.toString()}
    const invoke = globalThis.standInInvoke
    const listeners = new Map()
    globalThis.standInDeliver = (channel, values) => {
      for (const listener of listeners.get(channel) ?? []) listener({}, ...values)
    }
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name, api) => {
          globalThis[name] = Object.freeze(acrossWorlds(api))
        },
      },
      ipcRenderer: {
        invoke: async (channel, ...values) => invoke(channel, structuredClone(values)),
        on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      },
    }
    const require = (name) => {
      if (name !== 'electron') throw new Error('module not found: ' + name)
      return electron
    }
    ;((require, process, module, exports) => {
      ${preload}
    })(require, undefined, undefined, undefined)
  })()`
}
