import { existsSync, readdirSync, rmSync } from 'node:fs'
import { CapacitorSQLiteError } from './capacitor-sqlite-error.ts'
import { Database, type ConnectionMode } from './database.ts'
import { databaseState, type DatabaseState } from './database-state.ts'
import type { DeviceFolders } from './device-folders.ts'
import type { Secret } from './secret.ts'
import { SwiftInt } from './swift-int.ts'

/** CapacitorSQLite.swift: the connections by name, and what is refused before a database is asked. */
export class CapacitorSQLite {
  readonly #folders: DeviceFolders
  /** Not there where encryption is off. */
  readonly #secret: Secret | undefined
  readonly #connections = new Map<string, Database>()

  constructor(folders: DeviceFolders, secret?: Secret) {
    this.#folders = folders
    this.#secret = secret
  }

  // CapacitorSQLite.swift, createConnection
  createConnection(name: string, wanted: ConnectionMode): void {
    const key = keyOf(name, wanted.readonly)
    if (this.#connections.has(key)) throw new CapacitorSQLiteError(`Connection ${plain(name)} already exists`)
    if (wanted.encrypted && !this.#secret)
      throw new CapacitorSQLiteError("Database cannot be encrypted as 'No Encryption' set in capacitor.config")
    this.#connections.set(key, new Database(this.#pathOf(name), wanted, this.#secret, this.#folders.cipher))
  }

  // CapacitorSQLite.swift, isSecretStored, setEncryptionSecret, clearEncryptionSecret and checkEncryptionSecret: all but the
  // first close every connection
  isSecretStored(): boolean {
    return this.#keys().isStored()
  }
  setEncryptionSecret(passphrase: string): void {
    const secret = this.#keys()
    this.#closeAll()
    secret.set(passphrase)
  }
  clearEncryptionSecret(): void {
    const secret = this.#keys()
    this.#closeAll()
    secret.clear()
  }
  checkEncryptionSecret(passphrase: string): boolean {
    const secret = this.#keys()
    this.#closeAll()
    return secret.isThis(passphrase)
  }

  // CapacitorSQLite.swift, isDatabase
  isDatabase(name: string): boolean {
    return existsSync(this.#pathOf(name))
  }

  // CapacitorSQLite.swift, isDatabaseEncrypted
  isDatabaseEncrypted(name: string): boolean {
    const state = this.#stateOf(name)
    if (state === 'DOESNOTEXIST') throw new CapacitorSQLiteError('Database does not exist')
    if (state === 'UNKNOWN') throw new CapacitorSQLiteError('Database unknown')
    return state === 'ENCRYPTEDSECRET'
  }

  // CapacitorSQLite.swift, open
  open(name: string, readonly: boolean): void {
    this.#connection(name, readonly).open()
  }

  // CapacitorSQLite.swift, closeConnection: one that is not there is closed already
  closeConnection(name: string, readonly: boolean): void {
    this.#connections.get(keyOf(name, readonly))?.close()
    this.#connections.delete(keyOf(name, readonly))
  }

  // CapacitorSQLite.swift, checkConnectionsConsistency: a connection the page does not know is dropped without being closed
  checkConnectionsConsistency(names: readonly string[], modes: readonly string[]): boolean {
    const wanted = new Set(names.map((name, index) => `${modes[index]}_${name}`))
    if (wanted.size > 0 && this.#connections.size > wanted.size)
      for (const key of this.#connections.keys()) if (!wanted.has(key)) this.#connections.delete(key)
    const same =
      wanted.size > 0 &&
      [...wanted].every((key) => this.#connections.has(key)) &&
      wanted.size === this.#connections.size
    if (!same) this.#closeAll()
    return same
  }

  // CapacitorSQLite.swift, deleteDatabase; Database.swift, deleteDB: what is encrypted is opened first, with its connection's
  // key; -journal and -wal files stay
  deleteDatabase(name: string): void {
    const database = this.#connection(name, false)
    if (!database.isOpen && this.#stateOf(name) === 'UNENCRYPTED') rmSync(database.path)
    else database.delete()
  }

  // CapacitorSQLite.swift, getDatabaseList
  getDatabaseList(): string[] {
    return readdirSync(this.#folders.databases).filter((file) => file.endsWith('.db') && file.includes('SQLite'))
  }

  // Database.swift, getUrl
  getUrl(name: string, readonly: boolean): string {
    return `file://${this.#connection(name, readonly).path}`
  }

  beginTransaction(name: string): { changes: number } {
    this.#opened(name).begin('beginTransaction')
    return { changes: 0 }
  }

  commitTransaction(name: string): { changes: number } {
    this.#opened(name).commit('commitTransaction')
    return { changes: 0 }
  }

  rollbackTransaction(name: string): { changes: number } {
    this.#opened(name).rollBack('rollbackTransaction')
    return { changes: 0 }
  }

  // CapacitorSQLite.swift, query
  query(name: string, statement: string, values: readonly unknown[]): unknown[] {
    return this.#opened(name).select(statement, values)
  }

  // CapacitorSQLite.swift, run: numbers that are whole become Int, an object the bytes of its keys in their order
  run(name: string, statement: string, values: readonly unknown[], transaction: boolean, returnMode: string): unknown {
    return this.#opened(name).run(statement, values.map(runValue), transaction, returnMode)
  }

  // CapacitorSQLite.swift, execute
  execute(name: string, statements: string, transaction: boolean): unknown {
    return this.#opened(name).execute(statements, transaction)
  }

  // CapacitorSQLite.swift, executeSet
  executeSet(
    name: string,
    set: readonly { statement: string; values: unknown[] }[],
    transaction: boolean,
    returnMode: string,
  ): unknown {
    return this.#opened(name).executeSet(set, transaction, returnMode)
  }

  #keys(): Secret {
    if (!this.#secret) throw new CapacitorSQLiteError('No Encryption set in capacitor.config')
    return this.#secret
  }

  #closeAll(): void {
    for (const database of this.#connections.values()) database.close()
    this.#connections.clear()
  }

  #pathOf(name: string): string {
    return this.#folders.pathOf(`${plain(name)}SQLite.db`)
  }

  #stateOf(name: string): DatabaseState {
    return databaseState(this.#pathOf(name), this.#secret?.passphrase ?? '', this.#folders.cipher)
  }

  #connection(name: string, readonly: boolean): Database {
    const connection = this.#connections.get(keyOf(name, readonly))
    if (!connection) throw new CapacitorSQLiteError(`Connection to ${plain(name)} not available`)
    return connection
  }

  #opened(name: string): Database {
    const connection = this.#connection(name, false)
    if (!connection.isOpen) throw new CapacitorSQLiteError(`Database ${plain(name)} not opened or in read-only`)
    return connection
  }
}

// CapacitorSQLite.swift, getDatabaseName
function plain(name: string): string {
  return !name.includes('/') && name.endsWith('.db') ? name.slice(0, -3) : name
}

function keyOf(name: string, readonly: boolean): string {
  return `${readonly ? 'RO' : 'RW'}_${plain(name)}`
}

function runValue(value: unknown): unknown {
  if (typeof value === 'string' || value === null) return value
  if (typeof value === 'boolean') return new SwiftInt(value ? 1n : 0n)
  if (typeof value === 'number') return fitsInt64(value) ? new SwiftInt(BigInt(value)) : value
  if (typeof value === 'object' && !Array.isArray(value)) {
    const keys = Object.keys(value ?? {}).toSorted((a, b) => a.localeCompare(b, undefined, { numeric: true }))
    return keys.map((key) => Number((value as Record<string, unknown>)[key]))
  }
  throw new CapacitorSQLiteError('Not a SQL type')
}

function fitsInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63
}
