import { DataLayerError } from '../../../errors/index.ts'
import { createConnection } from './create-connection.ts'
import { databaseNames, databaseSuffix } from './database-names.ts'
import { readSecret, type SecretProvider } from './encryption/secret-provider.ts'
import { rawKey } from './encryption/plugin-secret.ts'
import { openError } from './plugin-error.ts'
import type { CapacitorSQLitePlugin } from './plugin.ts'

/** A copy's file: `app-selfsame-20261120T151359123Z-a1b2c3SQLite.db`. */
export interface CopyFile {
  readonly name: string
  readonly path: string
  readonly writtenAt: string
}

/** The name of a copy: the database it is of, and the time in seven parts. */
export const copyName = /^(.+)-selfsame-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{6}$/

/** What a new copy of a database is called. */
export function newCopyOf(database: string): { readonly name: string; readonly writtenAt: string } {
  const writtenAt = new Date().toISOString()
  const random = crypto.randomUUID().slice(0, 6)
  return { name: `${database}-selfsame-${writtenAt.replaceAll(/[-:.]/g, '')}-${random}`, writtenAt }
}

/** The folder where the plugin keeps the database, and copies of it beside it that the plugin can list and remove. */
export class DatabaseFolder {
  readonly #plugin: CapacitorSQLitePlugin
  readonly #name: string
  readonly #encrypted: boolean
  readonly #readKey: () => Promise<string | undefined>
  #folder: string | undefined

  /** @param provider where the key is, when the database is encrypted, and with it every copy of it */
  constructor(plugin: CapacitorSQLitePlugin, name: string, provider: SecretProvider | undefined) {
    this.#plugin = plugin
    this.#name = name
    this.#encrypted = provider !== undefined
    this.#readKey = async () => {
      const secret = provider && (await readSecret(provider))
      return secret ? rawKey(secret) : undefined
    }
  }

  /** The key of the database, in the form that SQLCipher takes as it is. */
  key(): Promise<string | undefined> {
    return this.#readKey()
  }

  /** A new copy's place. */
  async newCopy(): Promise<CopyFile> {
    const named = newCopyOf(this.#name)
    return { ...named, path: await this.#pathOf(named.name) }
  }

  /** The copies there are, newest first. */
  async copies(): Promise<CopyFile[]> {
    const copies: CopyFile[] = []
    for (const name of await databaseNames(this.#plugin)) {
      const time = this.#timeOf(name)
      if (time) copies.push({ name, path: await this.#pathOf(name), writtenAt: time })
    }
    return copies.toSorted((a, b) => (a.name < b.name ? 1 : -1))
  }

  /** The copy at a path that an earlier call gave. */
  async find(path: string): Promise<CopyFile | undefined> {
    return (await this.copies()).find((copy) => copy.path === path)
  }

  /** Removes a copy. One that was made before the database was encrypted is not encrypted. */
  async remove(copy: CopyFile): Promise<void> {
    try {
      await this.#remove(copy, this.#encrypted).catch((error: unknown) => {
        if (!this.#encrypted) throw error
        return this.#remove(copy, false)
      })
    } catch (error) {
      throw openError(error)
    }
  }

  /** The plugin removes only what it has a connection to, and opens it first. */
  async #remove({ name }: CopyFile, encrypted: boolean): Promise<void> {
    const where = { database: name, readonly: false }
    // An app whose page was loaded anew in the middle of a removal has left one.
    await createConnection(this.#plugin, name, encrypted)
    try {
      await this.#plugin.deleteDatabase(where)
    } finally {
      await this.#plugin.closeConnection(where).catch(() => undefined)
    }
  }

  async #pathOf(name: string): Promise<string> {
    this.#folder ??= await this.#findFolder()
    return `${this.#folder}${name}${databaseSuffix}`
  }

  async #findFolder(): Promise<string> {
    const { url = '' } = await this.#plugin.getUrl({ database: this.#name, readonly: false })
    const path = url.replace(/^file:\/\//, '')
    const end = path.lastIndexOf('/')
    if (end < 0) throw new DataLayerError('storage-unavailable', 'The plugin does not say where the database is.')
    return path.slice(0, end + 1)
  }

  #timeOf(name: string): string | undefined {
    const [, database, year, month, day, hour, minute, second, millisecond] = copyName.exec(name) ?? []
    if (database !== this.#name) return undefined
    return `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`
  }
}
