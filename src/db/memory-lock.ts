import type { Driver, LockHolder } from './driver.ts'
import { launchLockHeld } from './locked.ts'

/** A launch lock for a database that only this process or tab can reach. */
export class MemoryLock {
  readonly #name: string
  #tail: Promise<void> = Promise.resolve()
  #holder: LockHolder | null = null

  /** @param name what the holder is called to those who wait */
  constructor(name: string) {
    this.#name = name
  }

  async acquire({ timeoutMs, onWait }: Parameters<Driver['acquireLaunchLock']>[0]): Promise<() => Promise<void>> {
    if (this.#holder) onWait?.(this.#holder)
    const before = this.#tail
    let free!: () => void
    const released = new Promise<void>((resolve) => (free = resolve))
    this.#tail = before.then(() => released)
    if (!(await endsWithin(before, timeoutMs))) {
      // Keeps its place in the line and gives it up at once when its turn comes.
      free()
      throw launchLockHeld(this.#holder, timeoutMs)
    }
    this.#holder = { holder: this.#name, since: new Date().toISOString() }
    let held = true
    return async () => {
      if (!held) return
      held = false
      this.#holder = null
      free()
    }
  }
}

async function endsWithin(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  try {
    return await Promise.race([promise.then(() => true as const), late])
  } finally {
    clearTimeout(timer)
  }
}
