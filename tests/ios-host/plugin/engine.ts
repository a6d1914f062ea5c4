import { DatabaseSync } from 'node:sqlite'
import { CipherDatabase } from '../../../src/db/drivers/node/encrypted/cipher-database.ts'
import { connectCipher } from '../../../src/db/drivers/node/encrypted/cipher-engine.ts'
import type { CipherModule } from '../../../src/db/drivers/node/encrypted/cipher-module.ts'
import type { EngineDatabase } from '../../../src/db/drivers/node/engine.ts'
import type { SqlValue } from '../../../src/db/values.ts'
import { SwiftInt } from './swift-int.ts'

/** A result code of SQLite's C interface with its message, as `sqlite3_errmsg` gives it. */
export class SqliteFailure extends Error {
  /** The primary code: the plugin switches extended ones not on. */
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

type Cell = null | number | bigint | string | Uint8Array

/** What the plugin calls of SQLite's C interface: on Node's own SQLite, or on one that reads and writes as SQLCipher 4 does. */
export class Engine {
  readonly #database: EngineDatabase

  constructor(path: string, readOnly: boolean, cipher?: CipherModule) {
    this.#database = calling(() =>
      cipher
        ? new CipherDatabase(connectCipher(cipher, path, { create: !readOnly, readOnly }, ''))
        : new DatabaseSync(path, {
            readOnly,
            enableForeignKeyConstraints: false,
            enableDoubleQuotedStringLiterals: true,
            timeout: 0,
            // Node has it on, the plugin's SQLite off: shadow tables are written to as a copy is put back.
            defensive: false,
          }),
    )
  }

  /** sqlite3_exec */
  exec(sql: string): void {
    calling(() => this.#database.exec(sql))
  }

  /** sqlite3_prepare_v2, which compiles the first statement of a text, binding, and sqlite3_step to the end. */
  all(sql: string, values: readonly unknown[]): { columns: string[]; rows: Cell[][] } {
    return calling(() => {
      const statement = this.#database.prepare(sql)
      statement.setReturnArrays(true)
      statement.setReadBigInts(true)
      const rows = statement.all(...values.map(bound)) as unknown as Cell[][]
      return { columns: statement.columns().map(({ name }) => name), rows }
    })
  }

  get totalChanges(): number {
    return Number(this.all('SELECT total_changes()', []).rows[0]?.[0])
  }

  get lastInsertRowid(): bigint {
    return BigInt(this.all('SELECT last_insert_rowid()', []).rows[0]?.[0] as bigint)
  }

  close(): void {
    this.#database.close()
  }
}

/**
 * UtilsBinding.swift, bind: of an NSNumber `as? Double` succeeds first, so every number of the page's is bound as a double;
 * text ends at its first NUL (length -1); a list of bytes is a blob; an object that fits nothing leaves NULL.
 */
function bound(value: unknown): SqlValue {
  if (value === null || value === undefined) return null
  if (value instanceof SwiftInt) return value.value
  if (typeof value === 'boolean') return value ? 1 : 0
  // An NSNumber that no double holds exactly is an Int64 next.
  if (typeof value === 'number') return value
  if (typeof value === 'string') return value.split('\0')[0] ?? ''
  if (Array.isArray(value)) return Uint8Array.from(value as number[])
  const entries = Object.entries(value as Record<string, unknown>)
  if (!entries.every(([, item]) => typeof item === 'number')) return null
  const sorted = entries.toSorted(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }))
  return Uint8Array.from(sorted.map(([, item]) => Number(item)))
}

function calling<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (error instanceof Error && 'errcode' in error)
      throw new SqliteFailure(Number(error.errcode) & 0xff, error.message)
    throw error
  }
}
