import { DataLayerError } from '../../../../errors/index.ts'
import type { Bridge } from '../bridge.ts'
import { newCopyOf } from '../database-folder.ts'
import { databaseSuffix } from '../database-names.ts'
import { openDatabase } from '../open-database.ts'
import type { CapacitorSQLitePlugin, NativePlatform } from '../plugin.ts'
import { quoteText } from '../quote-text.ts'
import { restoreFrom } from '../restore-copy.ts'
import { fileState } from './file-state.ts'
import { rawKey } from './plugin-secret.ts'
import { isEmpty, isSame } from './same-content.ts'
import { wrongKey } from './secret-provider.ts'

/**
 * Refuses a database that is empty because its content is still in the encrypted copy: an app that went on with it, without
 * the key, would begin anew.
 *
 * @throws {DataLayerError} `wrong-key`
 */
export async function mustNotBeHalfEncrypted(plugin: CapacitorSQLitePlugin, database: string): Promise<void> {
  if ((await plugin.isDatabase({ database: encryptingCopyOf(database) })).result !== true) return
  throw wrongKey(
    'missing',
    'The database was being encrypted, and what it holds is in its encrypted copy: open it with its secret provider.',
  )
}

/** The encrypted copy that holds everything while the database itself is written anew. */
export const encryptingCopyOf = (database: string) => `${database}-encrypting`

/**
 * Encrypts a database in steps of which each is whole or not there: an encrypted copy, compared with the database; the
 * database removed; written anew from the copy and compared again; the copy removed. Killed anywhere, the next call goes on.
 * The plugin's own way (mode `encryption`) deletes the only file before it puts the encrypted one in its place, and compares
 * nothing (UtilsSQLCipher.encrypt, UtilsEncryption.swift).
 *
 * @throws {DataLayerError} `backup-failed` when what was written is not the same; nothing was removed then
 */
export class ExistingDatabase {
  readonly #plugin: CapacitorSQLitePlugin
  readonly #platform: NativePlatform
  readonly #database: string
  readonly #key: string

  constructor(plugin: CapacitorSQLitePlugin, platform: NativePlatform, database: string, secret: string) {
    this.#plugin = plugin
    this.#platform = platform
    this.#database = database
    this.#key = rawKey(secret)
  }

  async encrypt(): Promise<void> {
    const copy = encryptingCopyOf(this.#database)
    if ((await fileState(this.#plugin, this.#database)) === 'plain') {
      // A file with nothing in it was made by a step that was killed, or by nobody's app yet: the copy has everything.
      const nothing = await this.#with(this.#database, false, isEmpty)
      // A copy that is not the same was made before somebody wrote to the database; or the database was removed, and somebody
      // without the key has begun another one. So it becomes a copy like others.
      if (!nothing && !(await this.#export(this.#database, copy, ''))) {
        await this.#with(copy, true, async (bridge) => {
          const path = await this.#pathOf(copy, newCopyOf(this.#database).name)
          await bridge.query({ text: `VACUUM INTO ${quoteText(path)}`, values: [] })
        })
        await this.#remove(copy, true)
        if (!(await this.#export(this.#database, copy, ''))) throw notTheSame()
      }
      await this.#remove(this.#database, false)
    }
    if ((await fileState(this.#plugin, copy)) === 'none') return
    if (!(await this.#export(copy, this.#database, this.#key)))
      throw new DataLayerError(
        'backup-failed',
        `The encrypted database is not the same as its copy ${copy}; both are kept.`,
      )
    await this.#remove(copy, true)
  }

  /** Whether `target` has what `source` has; fills it when it is empty. */
  async #export(source: string, target: string, key: string): Promise<boolean> {
    return this.#with(target, true, async (bridge) => {
      // Bound, so that no error quotes the key. Without one, SQLCipher takes the main database's with its salt, which opens
      // no file that another salt was written into.
      const attach = 'ATTACH ? AS selfsame_copy KEY ?'
      await bridge.query({ text: attach, values: [await this.#pathOf(target, source), key] })
      if (!(await isEmpty(bridge))) return isSame(bridge)
      await bridge.query({ text: 'PRAGMA foreign_keys = OFF', values: [] })
      await bridge.query({ text: 'PRAGMA ignore_check_constraints = ON', values: [] })
      // sqlcipher_export would number rows anew where a table has neither a key nor an index: an FTS index finds them by it.
      await restoreFrom(bridge, async () => {
        if (await isSame(bridge)) return
        throw notTheSame()
      })
      return true
    })
  }

  async #with<T>(database: string, encrypted: boolean, work: (bridge: Bridge) => Promise<T>): Promise<T> {
    const opened = await openDatabase(this.#plugin, this.#platform, database, encrypted)
    try {
      return await work(opened.bridge)
    } finally {
      await opened.close()
    }
  }

  /** The plugin says where a database is that it has a connection to; all lie in one folder. */
  async #pathOf(connected: string, wanted: string): Promise<string> {
    const { url = '' } = await this.#plugin.getUrl({ database: connected, readonly: false })
    const path = url.replace(/^file:\/\//, '')
    return `${path.slice(0, path.lastIndexOf('/') + 1)}${wanted}${databaseSuffix}`
  }

  async #remove(database: string, encrypted: boolean): Promise<void> {
    await this.#with(database, encrypted, () => this.#plugin.deleteDatabase({ database, readonly: false }))
  }
}

function notTheSame(): DataLayerError {
  return new DataLayerError('backup-failed', 'The encrypted copy is not the same as the database, which is as it was.')
}
