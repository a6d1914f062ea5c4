import type { NativePlatform } from './plugin.ts'

/** Whether the app is in the background. */
export interface AppLife {
  readonly away: boolean
  /** Calls `leave` each time the app goes to the background; what it answers ends that. */
  onLeave(leave: () => Promise<void>): () => void
}

/**
 * Follows the events `pause` and `resume` that Capacitor itself sends to the document (CapacitorBridge.swift,
 * triggerSceneLifecycleJSEvent). iOS ends an app that sleeps while it holds a lock on a file; Android does not mind, so
 * there the connection stays.
 */
export function followAppLife(platform: NativePlatform, document: EventTarget | undefined): AppLife {
  let away = false
  const listeners = new Set<() => Promise<void>>()
  if (platform === 'ios') {
    document?.addEventListener('pause', () => {
      away = true
      // A close that fails is tried again with the next pause; the next call says what is wrong.
      for (const leave of listeners) leave().catch(() => undefined)
    })
    document?.addEventListener('resume', () => {
      away = false
    })
  }
  return {
    get away() {
      return away
    },
    onLeave: (leave) => {
      listeners.add(leave)
      return () => listeners.delete(leave)
    },
  }
}
