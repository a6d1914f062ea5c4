import { resolve } from 'node:path'
import { DataLayerError } from '../../../../errors/index.ts'
import type { Call, CopyPlace } from '../calls/operations.ts'
import type { HostedDatabase } from '../host/hosted-database.ts'

/** Lets a window write, restore and remove this database's copies, and name no other file of the machine. */
export class GuardedCopies {
  readonly #database: HostedDatabase
  readonly #directories: readonly string[]
  /** Copies that were listed or written: one that has been removed since is still ours. */
  readonly #known = new Set<string>()

  constructor(database: HostedDatabase, directories: readonly string[]) {
    this.#database = database
    this.#directories = directories.map((directory) => resolve(directory))
  }

  /** @throws {DataLayerError} `unsupported` for a place that main does not allow, `storage-unavailable` for no copy of ours */
  async call(peer: string, call: Call): Promise<unknown> {
    if (call.name === 'writeCopy' || call.name === 'listCopies') this.#checkPlace(call.values[1])
    if (call.name === 'removeCopy' || call.name === 'restoreCopy')
      await this.#checkOwn(peer, call.values[0], call.values[1])
    const result = await this.#database.call(peer, call)
    this.#remember(call, result)
    return result
  }

  #checkPlace({ directory, location }: CopyPlace): void {
    if (location !== undefined) throw new DataLayerError('unsupported', 'A window does not choose a copy’s name.')
    if (directory !== undefined && !this.#directories.includes(resolve(directory)))
      throw new DataLayerError('unsupported', 'Main has not allowed this directory for copies.')
  }

  async #checkOwn(peer: string, connection: string | null, location: string): Promise<void> {
    if (this.#known.has(location)) return
    for (const directory of [undefined, ...this.#directories]) {
      const found = await this.#database.listCopies(peer, connection, directory === undefined ? {} : { directory })
      for (const copy of found) this.#known.add(copy.location)
    }
    if (!this.#known.has(location)) throw new DataLayerError('storage-unavailable', 'This is no copy of the database.')
  }

  #remember({ name }: Call, result: unknown): void {
    if (name === 'writeCopy') this.#known.add((result as { location: string }).location)
    else if (name === 'restoreCopy') this.#known.add((result as { undo: string }).undo)
    else if (name === 'listCopies')
      for (const { location } of result as { location: string }[]) this.#known.add(location)
  }
}
