import { availableParallelism, tmpdir } from 'node:os'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundleChild } from './bundle-child.ts'
import { Station } from './station.ts'
import { ensureStrace } from './strace.ts'

/** Stations in a folder of their own, on memory where there is a file system on it: what is killed needs no disk. */
export class Stations {
  readonly root: string
  readonly #stations: readonly Station[]

  private constructor(root: string, program: string) {
    this.root = root
    const number = Math.max(1, Math.min(2, availableParallelism()))
    this.#stations = Array.from({ length: number }, (_, index) => new Station(root, index, program))
  }

  static async open(): Promise<Stations> {
    ensureStrace()
    const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'selfsame-syscalls-'))
    return new Stations(root, await bundleChild(join(root, 'program')))
  }

  get first(): Station {
    return this.#stations[0]!
  }

  /** Runs `body` for every item, on whichever station is free. It ends early when `enough` says so. */
  async each<T>(
    items: readonly T[],
    body: (station: Station, item: T) => Promise<void>,
    enough = () => false,
  ): Promise<void> {
    let next = 0
    await Promise.all(
      this.#stations.map(async (station) => {
        while (next < items.length && !enough()) {
          const item = items[next]!
          next += 1
          await body(station, item)
        }
      }),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#stations.map((station) => station.close()))
    rmSync(this.root, { recursive: true, force: true })
  }
}
