import { existsSync, rmSync } from 'node:fs'
import type { CipherModule } from '../../../src/db/drivers/node/encrypted/cipher-module.ts'
import { CapacitorSQLiteError } from './capacitor-sqlite-error.ts'
import { openOrCreate } from './database-state.ts'
import { SqliteFailure, type Engine } from './engine.ts'
import type { Secret } from './secret.ts'
import { executable, softDelete } from './soft-delete.ts'
import { withoutReturning } from './returning.ts'

type Row = Record<string, unknown>

/** How a connection was asked for. */
export interface ConnectionMode {
  readonly readonly: boolean
  readonly encrypted: boolean
  readonly mode: string
}

/** Database.swift and the functions of UtilsSQLCipher.swift that it calls. */
export class Database {
  readonly path: string
  readonly #wanted: ConnectionMode
  readonly #secret: Secret | undefined
  readonly #cipher: CipherModule | undefined
  #engine: Engine | undefined

  /** @param secret not there where encryption is off */
  constructor(path: string, wanted: ConnectionMode, secret?: Secret, cipher?: CipherModule) {
    this.path = path
    this.#wanted = wanted
    this.#secret = secret
    this.#cipher = cipher
  }

  get isOpen(): boolean {
    return this.#engine !== undefined
  }

  // Database.swift, open: a handle that was open is left open. Modes encryption and decryption are not here: nobody asks
  open(): void {
    let password = ''
    if (this.#secret && this.#wanted.encrypted && this.#wanted.mode === 'secret') {
      if (!this.#secret.isStored()) throw new CapacitorSQLiteError('No Passphrase stored')
      password = this.#secret.passphrase
    }
    try {
      this.#engine = openOrCreate(this.path, password, this.#wanted.readonly, this.#cipher)
    } catch (error) {
      throw new CapacitorSQLiteError(`Failed in openOrCreateDatabase ${(error as Error).message}`)
    }
    this.#engine.exec('PRAGMA foreign_keys = ON;')
  }

  // Database.swift, close: sqlite3_close_v2 rolls back what is open
  close(): void {
    this.#engine?.close()
    this.#engine = undefined
  }

  // Database.swift, deleteDB
  delete(): void {
    if (existsSync(this.path) && !this.isOpen) this.open()
    this.close()
    rmSync(this.path, { force: true })
  }

  // UtilsSQLCipher.swift, beginTransaction, commitTransaction, rollbackTransaction
  begin(caller: string): void {
    this.#control('BEGIN TRANSACTION;', caller, 'beginTransaction')
  }
  commit(caller: string): void {
    this.#control('COMMIT TRANSACTION;', caller, 'commitTransaction')
  }
  rollBack(caller: string): void {
    this.#control('ROLLBACK TRANSACTION;', caller, 'rollbackTransaction')
  }

  // Database.swift, selectSQL; UtilsSQLCipher.swift, querySQL: any statement is run, nothing is rewritten
  select(sql: string, values: readonly unknown[]): Row[] {
    return failing('Failed in selectSQL : Error: querySQL', () => this.#fetch(sql, values, 'all'))
  }

  // Database.swift, runSQL
  run(sql: string, values: readonly unknown[], transaction: boolean, returnMode: string): Row {
    const before = this.#open.totalChanges
    if (transaction) this.begin('runSQL')
    try {
      const rows = failing('Failed in runSQL :  Error: prepareSQL', () => this.#prepare(sql, values, returnMode))
      const lastId = this.#open.lastInsertRowid
      if (lastId !== -1n && transaction) this.commit('runSQL')
      return { changes: this.#open.totalChanges - before, lastId, values: rows }
    } catch (error) {
      if (transaction) this.#tryRollBack()
      throw error
    }
  }

  // Database.swift, executeSQL; UtilsSQLCipher.swift, execute
  execute(sql: string, transaction: boolean): Row {
    const before = this.#open.totalChanges
    if (transaction) this.begin('executeSQL')
    try {
      failing('Failed in executeSQL :  Error: execute', () =>
        this.#open.exec(executable(sql, (statement) => softDelete(this.#open, statement))),
      )
    } catch (error) {
      if (transaction) this.#tryRollBack()
      throw error
    }
    const changes = this.#open.totalChanges - before
    if (transaction) this.commit('executeSQL')
    return { changes }
  }

  // Database.swift, execSet; UtilsSQLCipher.swift, executeSet and addToResponse: the rows of all statements in one list, of
  // which only the first may be the one of the columns' names
  executeSet(set: readonly { statement: string; values: unknown[] }[], transaction: boolean, returnMode: string): Row {
    const before = this.#open.totalChanges
    if (transaction) this.begin('execSet')
    let lastId = -1n
    let response: Row[] = []
    try {
      for (const { statement, values } of set) {
        const several = Array.isArray(values[0]) ? (values as unknown[][]) : [values]
        for (const each of several) {
          const rows = failing('Failed in execSet :  Error: prepareSQL', () =>
            this.#prepare(statement, each, returnMode),
          )
          lastId = this.#open.lastInsertRowid
          if (lastId === -1n) throw new CapacitorSQLiteError('Failed in execSet :  lastId < 0')
          response = [...response, ...(response.length > 0 ? rows.filter((row) => !('ios_columns' in row)) : rows)]
        }
      }
    } catch (error) {
      if (transaction) this.#tryRollBack()
      throw error
    }
    const changes = this.#open.totalChanges - before
    if (transaction) this.commit('execSet')
    return { changes, lastId, values: response }
  }

  get #open(): Engine {
    if (!this.#engine) throw new CapacitorSQLiteError('Database not opened')
    return this.#engine
  }

  // UtilsSQLCipher.swift, prepareSQL: with iOS 15 RETURNING is SQLite's own unless returnMode is 'no'; a statement that gives a
  // row is a failure then. A DELETE is never found to be one here: «Delete» is compared with «DELETE».
  #prepare(sql: string, values: readonly unknown[], returnMode: string): Row[] {
    if (returnMode !== 'no') return this.#fetch(sql, values, returnMode)
    const { statement } = withoutReturning(sql)
    const { rows } = this.#open.all(statement, values)
    if (rows.length > 0) throw new SqliteFailure(100, 'another row available')
    return []
  }

  // UtilsSQLCipher.swift, fetchColumnInfo
  #fetch(sql: string, values: readonly unknown[], returnMode: string): Row[] {
    const { columns, rows } = this.#open.all(sql, values)
    const result = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, column(row[index])])))
    const given: Row[] = returnMode === 'one' ? result.slice(0, 1) : result
    return given.length > 0 ? [{ ios_columns: columns }, ...given] : []
  }

  #control(sql: string, caller: string, step: string): void {
    failing(`Failed in ${caller} Error: ${step}:`, () => this.#open.exec(sql))
  }

  #tryRollBack(): void {
    try {
      this.#open.exec('ROLLBACK TRANSACTION;')
    } catch {
      // Its message goes into the other one's.
    }
  }
}

// UtilsSQLCipher.swift, fetchColumnInfo: text up to its first NUL (String(cString:)), and no bytes are NSNull, because
// sqlite3_column_blob answers no pointer for them
function column(value: unknown): unknown {
  if (typeof value === 'string') return value.split('\0')[0]
  if (value instanceof Uint8Array) return value.length === 0 ? null : [...value]
  return value
}

/** The step that failed is SQLite's own affair; the message is the one of sqlite3_finalize, which comes last and wins. */
function failing<T>(prefix: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof SqliteFailure)) throw error
    throw new CapacitorSQLiteError(`${prefix} finalize failed rc: ${error.code} message: ${error.message}`)
  }
}
