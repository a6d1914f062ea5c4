import { DataLayerError } from '../../../../errors/index.ts'
import { isPlainHeader } from '../../../file-header.ts'
import type { ConnectOptions, Engine } from '../engine.ts'
import { keepForeignJournal } from '../keep-foreign-journal.ts'
import { isPlain } from '../plain-file.ts'
import { CipherDatabase } from './cipher-database.ts'
import type { CipherHandle, CipherModule } from './cipher-module.ts'
import { hasKey } from './page-key.ts'

/**
 * SQLite that encrypts every page as SQLCipher 4 does, so that SQLCipher's own tools can open the file.
 *
 * @param key 64 hexadecimal digits: the key itself, not a password to derive one from
 */
export function cipherEngine(module: CipherModule, key: string): Engine {
  return {
    name: 'encrypted',
    connect: (path, options) => {
      keepForeignJournal(path, {
        reader: key,
        foreign: (header, file, journal) => {
          if (isPlainHeader(header)) return notEncrypted()
          return hasKey(key, file, journal) ? undefined : wrongKey()
        },
      })
      return new CipherDatabase(connectCipher(module, path, options, key))
    },
    // With INTO, rowids stay as they are: SQLite copies them (DBFLAG_VacuumInto in its source), which its page does not say.
    // Its page copier opens the target without a key, and is refused.
    copyPages: async (source, target) => {
      source.exec(`VACUUM INTO '${target.replaceAll("'", "''")}'`)
    },
    copiesInto: false,
    unreadable: (path) => (isPlain(path) ? notEncrypted() : wrongKey()),
  }
}

function notEncrypted(): DataLayerError {
  return new DataLayerError('unsupported', 'The database is not encrypted; encryptDatabase makes it so.')
}

function wrongKey(): DataLayerError {
  return new DataLayerError(
    'wrong-key',
    'The key does not open the database. The file is as it was: use the key it was written with, or restore a backup with its key.',
  )
}

/** @param key the empty text opens a file that is not encrypted */
export function connectCipher(
  module: CipherModule,
  path: string,
  { create, readOnly }: Pick<ConnectOptions, 'create' | 'readOnly'>,
  key: string,
): CipherHandle {
  const handle = openHandle(module, path, readOnly, !create || readOnly)
  try {
    handle.pragma("cipher = 'sqlcipher'")
    handle.pragma('legacy = 4')
    // As bytes, not in a statement: SQLite quotes a statement that fails.
    if (key !== '') handle.key(Buffer.from(`x'${key}'`))
    return handle
  } catch (error) {
    handle.close()
    throw error
  }
}

function openHandle(module: CipherModule, path: string, readonly: boolean, fileMustExist: boolean): CipherHandle {
  try {
    return new module(path, { readonly, fileMustExist, timeout: 0 })
  } catch (error) {
    // It says the path.
    throw new DataLayerError('storage-unavailable', undefined, { cause: error })
  }
}
