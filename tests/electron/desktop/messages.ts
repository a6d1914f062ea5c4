// What crosses between the stand-in's main, a process of its own, and the tests, which show its windows in Chromium. The
// pipe between them clones by the structured clone algorithm, as Electron's IPC does.

/** From the tests to main. */
export type ToMain =
  | { kind: 'invoke'; call: number; window: number; frame: Frame | null; channel: string; values: unknown[] }
  | { kind: 'fetch'; call: number; url: string }
  /** Asks whether a window may do this: the answer is whether main allows it. */
  | { kind: 'may'; call: number; window: number; what: 'navigate' | 'open'; url: string }
  | { kind: 'navigating' | 'navigated' | 'closed'; window: number; url: string }
  | { kind: 'second-instance' }
  | { kind: 'click'; item: string }
  | { kind: 'quit' }

/** From main to the tests. */
export type FromMain =
  | { kind: 'load'; window: number; url: string; preload: string; preferences: Readonly<Record<string, unknown>> }
  | { kind: 'send'; window: number; channel: string; values: unknown[] }
  | { kind: 'answer'; call: number; value?: unknown; error?: string }
  /** Another start has met this one's lock. */
  | { kind: 'refused' }

export interface Frame {
  readonly url: string
  readonly parent: Frame | null
}

export interface Served {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}
