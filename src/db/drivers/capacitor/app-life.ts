import type { NativePlatform } from './plugin.ts'

/** Whether the app is in the background. */
export interface AppLife {
  readonly away: boolean
  /** Calls `leave` each time the app goes to the background. */
  onLeave(leave: () => Promise<void>): void
  /** Follows the app no longer. */
  stop(): void
}

/**
 * Follows the events `pause` and `resume` that Capacitor itself sends to the document (CapacitorBridge.swift,
 * triggerSceneLifecycleJSEvent). iOS ends an app that sleeps while it holds a lock on a file; Android does not mind, so
 * there the connection stays.
 */
export function followAppLife(platform: NativePlatform, document: EventTarget | undefined): AppLife {
  let away = false
  let leaveNow: (() => Promise<void>) | undefined
  const pause = () => {
    away = true
    // A close that fails is tried again with the next pause; the next call says what is wrong.
    leaveNow?.().catch(() => undefined)
  }
  const resume = () => {
    away = false
  }
  if (platform === 'ios') {
    document?.addEventListener('pause', pause)
    document?.addEventListener('resume', resume)
  }
  return {
    get away() {
      return away
    },
    onLeave: (leave) => {
      leaveNow = leave
    },
    stop: () => {
      document?.removeEventListener('pause', pause)
      document?.removeEventListener('resume', resume)
    },
  }
}
