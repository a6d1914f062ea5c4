import type { Driver } from '../../../driver.ts'

/** A driver whose engine can be ended while a statement runs, with everything that is open in it. */
export interface StoppableDriver extends Driver {
  /** Ends the engine unless it answers within this time, in milliseconds. The next call starts it anew. */
  stopIfStuck(withinMs: number): Promise<void>
  /** Ends the engine, whatever it does, and one that is being started. */
  stop(): void
  /** Calls `listener` whenever an engine has ended: what was open in it is over. */
  onEnd(listener: () => void): void
}

export function isStoppable(driver: Driver): driver is StoppableDriver {
  return 'stopIfStuck' in driver
}
