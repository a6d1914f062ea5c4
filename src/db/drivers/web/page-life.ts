/** What a connection does when its page stops running for a while, or for good. */
export interface PageLife {
  /** The page is being closed or reloaded. */
  leave(): void
  /** The page is put aside with its worker, which could not even let go of the database; nothing runs until it wakes. */
  sleep(): void
  wake(): void
}

/**
 * Follows the page's life cycle.
 *
 * @returns the function that stops following
 */
export function followPage(life: PageLife): () => void {
  const page = globalThis.document as Document | undefined
  if (!page) return () => undefined
  const stop = new AbortController()
  const { signal } = stop
  page.addEventListener('freeze', () => life.sleep(), { signal })
  page.addEventListener('resume', () => life.wake(), { signal })
  const hide = ({ persisted }: PageTransitionEvent) => (persisted ? life.sleep() : life.leave())
  globalThis.addEventListener('pagehide', hide, { signal })
  globalThis.addEventListener('pageshow', ({ persisted }) => persisted && life.wake(), { signal })
  return () => stop.abort()
}

/** Answers {@link isAlive} in other tabs. Returns the function that stops answering. */
export function answerPings(channelName: string): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<'ping' | 'pong'>) => {
    if (data === 'ping') channel.postMessage('pong')
  }
  return () => channel.close()
}

// Several short waits: a timer alone would be late, and wrong, in a tab that has just gone on itself.
const tries = 5
const pause = 1000

/** Whether a page answers on its channel, or `other` resolves, within five seconds. */
export async function isAlive(channelName: string, other: Promise<true>): Promise<boolean> {
  const channel = new BroadcastChannel(channelName)
  try {
    const pong = new Promise<true>((resolve) => {
      channel.onmessage = ({ data }: MessageEvent<'ping' | 'pong'>) => data === 'pong' && resolve(true)
    })
    for (let attempt = 0; attempt < tries; attempt += 1) {
      channel.postMessage('ping')
      const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), pause))
      if (await Promise.race([pong, other, late])) return true
    }
    return false
  } finally {
    channel.close()
  }
}
