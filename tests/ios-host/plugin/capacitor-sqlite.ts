import { readdirSync } from 'node:fs'
import { CapacitorSQLiteError } from './capacitor-sqlite-error.ts'
import { Database } from './database.ts'
import { SwiftInt } from './swift-int.ts'

/** CapacitorSQLite.swift: the connections by name, and what is refused before a database is asked. */
export class CapacitorSQLite {
  readonly #folder: string
  readonly #connections = new Map<string, Database>()

  constructor(folder: string) {
    this.#folder = folder
  }

  // CapacitorSQLite.swift, createConnection
  createConnection(name: string, encrypted: boolean, readonly: boolean): void {
    const key = keyOf(name, readonly)
    if (this.#connections.has(key)) throw new CapacitorSQLiteError(`Connection ${plain(name)} already exists`)
    if (encrypted)
      throw new CapacitorSQLiteError("Database cannot be encrypted as 'No Encryption' set in capacitor.config")
    this.#connections.set(key, new Database(this.#folder, `${plain(name)}SQLite.db`, readonly))
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
    if (!same) {
      for (const database of this.#connections.values()) database.close()
      this.#connections.clear()
    }
    return same
  }

  // CapacitorSQLite.swift, deleteDatabase; Database.swift, deleteDB: -journal and -wal files stay
  deleteDatabase(name: string): void {
    this.#connection(name, false).delete()
  }

  // CapacitorSQLite.swift, getDatabaseList
  getDatabaseList(): string[] {
    return readdirSync(this.#folder).filter((file) => file.endsWith('.db') && file.includes('SQLite'))
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
