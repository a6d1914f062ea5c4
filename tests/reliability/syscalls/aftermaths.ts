import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { aftermath, type Aftermath } from './aftermath.ts'
import type { Scenario } from './templates.ts'

/**
 * What the runs of one scenario left behind. Many end with the same bytes in the same files, since names, times and random
 * bytes are: what the next start makes of them is asked once.
 */
export class Aftermaths {
  readonly #scenario: Scenario
  readonly #known = new Map<string, Promise<Aftermath>>()

  constructor(scenario: Scenario) {
    this.#scenario = scenario
  }

  /** How many different folders were started from. */
  get different(): number {
    return this.#known.size
  }

  /** @param saidDone whether the operation said that it was done */
  of(folder: string, saidDone = false): Promise<Aftermath> {
    const key = `${contentOf(folder)} ${saidDone}`
    const found = this.#known.get(key) ?? aftermath(this.#scenario, folder, saidDone)
    this.#known.set(key, found)
    return found
  }
}

function contentOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).toSorted()) {
    const bytes = readFileSync(join(folder, name))
    hash.update(`${name} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}
