import { DataLayerError } from '../../../errors/index.ts'
import type { ResultSet } from '../../driver.ts'
import type { CheckedStatement } from '../../statement.ts'
import { notedCounts } from './android-set.ts'
import { bindForPlugin, withoutExpressions, type BoundStatement } from './bound-values.ts'
import type { Bridge } from './bridge.ts'
import { decodeCell } from './cells.ts'
import type { PluginRow } from './plugin.ts'
import {
  cellsOf,
  cellsText,
  columnsFound,
  describingText,
  guessColumns,
  isRow,
  namesByView,
  namesOf,
} from './read-statement.ts'
import type { KnownSchema } from './schema.ts'
import type { PreparedRead } from './set-step.ts'

// Android's getColumnIndex looks only for what stands behind the last dot of a name (AbstractCursor, bug 903852).
const dottedName = /col -1 from CursorWindow/

/** Reads rows whole, in one call where the columns are known or guessed right. */
export class Reader {
  readonly #bridge: Bridge
  /** The columns' names by text: nobody but the driver changes the schema, which then says so. */
  readonly #columns = new Map<string, readonly string[]>()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  forget(): void {
    this.#columns.clear()
  }

  async read(statement: CheckedStatement, schema: KnownSchema): Promise<ResultSet> {
    const bound = bindForPlugin(statement)
    const columns = this.#columns.get(statement.text)
    if (columns) {
      const { rows } = await this.#bridge.query({ ...bound, text: cellsText(bound.text, columns.length) })
      return toResult(columns, rows)
    }
    const guessed = guessColumns(statement.text, schema)
    try {
      return await this.#describe(statement, bound, guessed)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const found = columnsFound(message)
      if (found !== undefined && found !== guessed) return this.#readAs(statement, schema, found)
      if (dottedName.test(message)) return this.#readByView(statement, schema)
      throw error
    }
  }

  async #readAs(statement: CheckedStatement, schema: KnownSchema, count: number): Promise<ResultSet> {
    return this.#describe(statement, bindForPlugin(statement), count).catch((error: unknown) => {
      if (error instanceof Error && dottedName.test(error.message)) return this.#readByView(statement, schema)
      throw error
    })
  }

  async #readByView(statement: CheckedStatement, schema: KnownSchema): Promise<ResultSet> {
    this.#keep(statement.text, await namesByView(this.#bridge, statement.text))
    return this.read(statement, schema)
  }

  /** A read for a call with other statements in it. On Android its first row has the notes that were made before it. */
  prepare(statement: CheckedStatement, schema: KnownSchema): PreparedRead {
    const bound = bindForPlugin(statement)
    const columns = this.#columns.get(statement.text)
    const notes = this.#bridge.platform === 'android' ? `${notedCounts} AS "selfsame#counts"` : undefined
    if (columns) {
      const take = (rows: readonly PluginRow[]) => toResult(columns, notes ? rows.filter(isRow) : rows)
      return { bound: { ...bound, text: cellsText(bound.text, columns.length, notes) }, take }
    }
    const count = guessColumns(statement.text, schema)
    return {
      bound: { ...bound, text: describingText(bound.text, count, notes) },
      take: (rows) => this.#takeDescribed(statement.text, rows, count),
    }
  }

  async #describe({ text }: CheckedStatement, bound: BoundStatement, count: number): Promise<ResultSet> {
    const { rows } = await this.#bridge.query({ ...bound, text: describingText(bound.text, count) })
    return this.#takeDescribed(text, rows, count)
  }

  #takeDescribed(text: string, rows: readonly PluginRow[], count: number): ResultSet {
    const columns = namesOf(rows[0] ?? {}, count)?.map(withoutExpressions)
    if (!columns)
      throw new DataLayerError('unsupported', 'A column is called selfsame# and something; give it another name.')
    this.#keep(text, columns)
    return toResult(columns, rows.filter(isRow))
  }

  #keep(text: string, columns: readonly string[]): void {
    if (this.#columns.size > 500) this.#columns.clear()
    this.#columns.set(text, columns)
  }
}

function toResult(columns: readonly string[], rows: readonly PluginRow[]): ResultSet {
  return { columns, rows: rows.map((row) => cellsOf(row, columns.length).map(decodeCell)), changes: 0, tables: [] }
}
