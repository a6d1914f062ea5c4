import { existsSync } from 'node:fs'
import type { CipherModule } from '../../../src/db/drivers/node/encrypted/cipher-module.ts'
import { CapacitorSQLiteError } from './capacitor-sqlite-error.ts'
import { Engine } from './engine.ts'

export type DatabaseState = 'DOESNOTEXIST' | 'UNENCRYPTED' | 'ENCRYPTEDSECRET' | 'UNKNOWN'

/**
 * UtilsSQLCipher.swift, openOrCreateDatabase and checkDB: why a file does not open is not said. The password stands between
 * quotes as it is.
 */
export function openOrCreate(path: string, password: string, readOnly: boolean, cipher?: CipherModule): Engine {
  let engine: Engine
  try {
    engine = new Engine(path, readOnly, password === '' ? undefined : cipher)
  } catch {
    throw new CapacitorSQLiteError('open_v2 failed')
  }
  if (password !== '') tryExec(engine, `PRAGMA key = '${password}';`, 'Wrong Secret')
  tryExec(engine, 'SELECT count(*) FROM sqlite_master;', 'Cannot open the DB')
  return engine
}

// UtilsSQLCipher.swift, getDatabaseState: with connections that only read
export function databaseState(path: string, passphrase: string, cipher?: CipherModule): DatabaseState {
  if (!existsSync(path)) return 'DOESNOTEXIST'
  if (opens(path, '', cipher)) return 'UNENCRYPTED'
  return opens(path, passphrase, cipher) ? 'ENCRYPTEDSECRET' : 'UNKNOWN'
}

function opens(path: string, password: string, cipher?: CipherModule): boolean {
  try {
    openOrCreate(path, password, true, cipher).close()
    return true
  } catch {
    return false
  }
}

function tryExec(engine: Engine, sql: string, failure: string): void {
  try {
    engine.exec(sql)
  } catch {
    engine.close()
    throw new CapacitorSQLiteError(failure)
  }
}
