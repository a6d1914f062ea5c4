import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { components } from './components.ts'
import type { CrashImage } from './crash-images.ts'
import { databaseName, digest, type Recording } from './record.ts'

export type Verdict = 'sound' | 'corrupt' | 'lost' | 'not migrated'

/** Opens images as the next start would, with node:sqlite. */
export class ImageChecker {
  readonly #folder: string
  readonly #states: Recording['states']
  readonly #started = new Map<string, Promise<boolean>>()

  constructor(folder: string, states: Recording['states']) {
    this.#folder = folder
    this.#states = states
  }

  /** How many different files the engine was started on: images that come to the same file once opened share one. */
  get starts(): number {
    return this.#started.size
  }

  /**
   * @param acknowledged the newest state that was said to be safe: it or the one after it, then under way, must be there
   */
  async check(image: CrashImage, acknowledged: number): Promise<{ verdict: Verdict; detail: string }> {
    const file = join(this.#folder, databaseName)
    for (const name of readdirSync(this.#folder)) rmSync(join(this.#folder, name))
    for (const [name, bytes] of image) writeFileSync(join(this.#folder, name), bytes)
    let state: number | undefined
    try {
      state = this.#read(file)
    } catch (error) {
      return { verdict: 'corrupt', detail: String(error) }
    }
    if (state === undefined) return { verdict: 'corrupt', detail: 'its rows are those of no commit' }
    if (state < acknowledged || state > acknowledged + 1) {
      return { verdict: 'lost', detail: `state ${state} of ${acknowledged} acknowledged` }
    }
    // What the engine then does hangs on the file's bytes alone: no journal is left.
    const leftBehind = ['-journal', '-wal']
      .filter((suffix) => existsSync(file + suffix))
      .map((suffix) => readFileSync(file + suffix))
    const key = [readFileSync(file), ...leftBehind]
      .map((bytes) => createHash('sha1').update(bytes).digest('base64'))
      .join()
    const started = this.#started.get(key) ?? this.#start(file)
    this.#started.set(key, started)
    return (await started)
      ? { verdict: 'sound', detail: '' }
      : { verdict: 'not migrated', detail: `from state ${state}` }
  }

  #read(file: string): number | undefined {
    const database = new DatabaseSync(file)
    try {
      const rows = (text: string): unknown[][] => {
        const statement = database.prepare(text)
        statement.setReturnArrays(true)
        return statement.all() as unknown as unknown[][]
      }
      const findings = rows('PRAGMA integrity_check')
      if (findings[0]?.[0] !== 'ok') throw new Error(String(findings[0]))
      return this.#states.get(digest(rows))
    } finally {
      database.close()
    }
  }

  async #start(file: string): Promise<boolean> {
    const driver = nodeDriver({ filename: file, create: false })
    const connection = await driver.open()
    try {
      const report = await new Migrator({ driver, connection }, components, { backup: false }).launch()
      const [integrity] = await connection.run([{ text: 'PRAGMA integrity_check', params: [] }])
      return report.error === undefined && integrity?.rows[0]?.[0] === 'ok'
    } finally {
      await connection.close()
    }
  }
}
