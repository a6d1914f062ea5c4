import { sqliteNumberFromName } from '../../../../errors/index.ts'
import { parameterPlaces } from '../../../parameters.ts'
import type { EngineDatabase, EngineStatement } from '../engine.ts'
import type { CipherHandle, CipherStatement } from './cipher-module.ts'

/** A database of the engine that encrypts, with the face and the errors of Node's own. */
export class CipherDatabase implements EngineDatabase {
  readonly #handle: CipherHandle

  constructor(handle: CipherHandle) {
    this.#handle = handle
  }

  get isTransaction(): boolean {
    return this.#handle.inTransaction
  }

  prepare(text: string): EngineStatement {
    return new PreparedStatement(
      numbered(() => this.#handle.prepare(text)),
      text,
    )
  }

  exec(text: string): void {
    numbered(() => this.#handle.exec(text))
  }

  serialize(): Uint8Array {
    return plainBytes(numbered(() => this.#handle.serialize()))
  }

  close(): void {
    numbered(() => this.#handle.close())
  }
}

class PreparedStatement implements EngineStatement {
  readonly #statement: CipherStatement
  /** Whether each place, in the order of SQLite's numbers, was written as `?NNN`: this engine takes that for a name. */
  readonly #named: readonly boolean[]
  #arrays = false

  constructor(statement: CipherStatement, text: string) {
    this.#statement = statement
    const named: boolean[] = []
    for (const { start, end, value } of parameterPlaces(text)) named[value] ||= text.slice(start, end) !== '?'
    this.#named = Array.from(named, (each) => each ?? false)
  }

  all(...params: unknown[]): unknown[] {
    const values = this.#arrange(params)
    return numbered(() => {
      if (!this.#statement.reader) {
        this.#statement.run(...values)
        return []
      }
      const rows = this.#statement.all(...values)
      return this.#arrays ? (rows as unknown[][]).map((row) => row.map(plainBytes)) : rows
    })
  }

  *iterate(...params: unknown[]): Iterable<unknown> {
    if (!this.#statement.reader) return void this.all(...params)
    const rows = numbered(() => this.#statement.iterate(...this.#arrange(params)))
    try {
      for (;;) {
        const { done, value } = numbered(() => rows.next())
        if (done) return
        yield this.#arrays ? (value as unknown[]).map(plainBytes) : value
      }
    } finally {
      rows.return?.()
    }
  }

  /** Missing values are NULL, as Node's engine has them: EXPLAIN is run without any. */
  #arrange(params: readonly unknown[]): unknown[] {
    const values = this.#named.map((_, index) => params[index] ?? null)
    if (!this.#named.includes(true)) return values
    const named = values.flatMap((value, index) => (this.#named[index] ? [[String(index + 1), value] as const] : []))
    return [...values.filter((_, index) => !this.#named[index]), Object.fromEntries(named)]
  }

  get(...params: unknown[]): unknown {
    return this.all(...params)[0]
  }

  columns(): readonly { readonly name: string }[] {
    return this.#statement.reader ? this.#statement.columns() : []
  }

  setReadBigInts(enabled: boolean): void {
    this.#statement.safeIntegers(enabled)
  }

  setReturnArrays(enabled: boolean): void {
    this.#arrays = enabled
    if (this.#statement.reader) this.#statement.raw(enabled)
  }
}

/** A `Buffer` is one of Node's own; the port knows a `Uint8Array` with bytes of its own. */
function plainBytes<T>(value: T): T {
  return value instanceof Uint8Array ? (new Uint8Array(value) as T & Uint8Array) : value
}

/** This engine gives SQLite's code by its name; Node's gives the number. */
function numbered<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const name = error instanceof Error && 'code' in error ? error.code : undefined
    const number = typeof name === 'string' ? sqliteNumberFromName(name) : undefined
    throw number === undefined ? error : Object.assign(new Error((error as Error).message), { errcode: number })
  }
}
