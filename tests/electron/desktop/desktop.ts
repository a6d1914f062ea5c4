import type { Page } from 'playwright-core'

/** What runs the built app. */
export interface Runtime {
  readonly name: string
  start(main: string, userData: string): Promise<Desktop>
  close(): Promise<void>
}

/** The desktop app as somebody at the machine has it. */
export interface Desktop {
  /** What the pages' consoles warned of. */
  readonly complaints: readonly string[]
  /** Waits for the window that the app opens first. */
  firstWindow(): Promise<Page>
  /** Takes «New Window» from the menu. */
  newWindow(): Promise<Page>
  pages(): readonly Page[]
  /** Starts the app once more, and resolves when that process has ended. */
  startAgain(): Promise<void>
  /** Quits, and resolves when the process has ended. */
  quit(): Promise<void>
}
