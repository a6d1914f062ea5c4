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
  isRow,
  namesByView,
  namesOf,
  readsTogether,
} from './read-statement.ts'
import { resultColumns, takesNames, type KnownColumns } from './result-columns.ts'
import type { KnownSchema } from './schema.ts'
import type { PreparedRead } from './set-step.ts'

// Android's getColumnIndex looks only for what stands behind the last dot of a name (AbstractCursor, bug 903852); and names
// beside cells are twice as many columns.
const notDescribed = /col -1 from CursorWindow|too many columns in result set/

/** Reads rows whole, in one call where the columns' names are known. */
export class Reader {
  readonly #bridge: Bridge
  /** The columns by text: nobody but the driver changes the schema, which then says so. */
  readonly #columns = new Map<string, KnownColumns>()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  forget(): void {
    this.#columns.clear()
  }

  async read(statement: CheckedStatement, schema: KnownSchema): Promise<ResultSet> {
    const bound = bindForPlugin(statement)
    try {
      return await this.#read(statement, bound, schema)
    } catch (error) {
      // Its words may be about the text around the statement: where the statement itself does not compile, SQLite says why.
      await this.#bridge.query({ ...bound, text: `EXPLAIN ${bound.text}` })
      throw error
    }
  }

  async #read(statement: CheckedStatement, bound: BoundStatement, schema: KnownSchema): Promise<ResultSet> {
    const { text } = statement
    // The view that is asked cannot be made while PRAGMA query_only is on; of all else, the read itself says what is wrong.
    const asked = () => this.#ask(text).catch(() => undefined)
    const columns = this.#known(text, schema) ?? (takesNames(text) ? await asked() : undefined)
    if (!columns) return this.#describe(statement, bound, 1)
    try {
      return await this.#cells(bound, columns)
    } catch (error) {
      const found = columnsFound(error)
      if (found === undefined) throw error
      // The text had been read wrong: SQLite has the last word.
      return this.#describe(statement, bound, found)
    }
  }

  async #cells(bound: BoundStatement, columns: KnownColumns): Promise<ResultSet> {
    const { rows } = await this.#bridge.query({ ...bound, text: cellsText(bound.text, columns) })
    return toResult(columns, rows)
  }

  /** Several reads in one call; `undefined` where a text's columns are not known before. */
  async readAll(statements: readonly CheckedStatement[], schema: KnownSchema): Promise<ResultSet[] | undefined> {
    const reads: { bound: BoundStatement; columns: KnownColumns }[] = []
    for (const statement of statements) {
      const columns = this.#known(statement.text, schema)
      if (!columns) return undefined
      reads.push({ bound: bindForPlugin(statement), columns })
    }
    const { rows } = await this.#bridge.query(readsTogether(reads))
    return reads.map(({ columns }, read) =>
      toResult(
        columns,
        rows.filter((row) => row['selfsame#read'] === read),
      ),
    )
  }

  /** A read for a set. On Android its first row has the notes that were made before it. */
  async prepare(statement: CheckedStatement, schema: KnownSchema): Promise<PreparedRead> {
    const bound = bindForPlugin(statement)
    const columns = this.#known(statement.text, schema) ?? (await this.#ask(statement.text))
    const notes = this.#bridge.platform === 'android' ? `${notedCounts} AS "selfsame#counts"` : undefined
    return {
      bound: { ...bound, text: cellsText(bound.text, columns, notes) },
      take: (rows) => toResult(columns, notes ? rows.filter(isRow) : rows),
    }
  }

  async #describe(statement: CheckedStatement, bound: BoundStatement, count: number): Promise<ResultSet> {
    try {
      const { rows } = await this.#bridge.query({ ...bound, text: describingText(bound.text, count) })
      const names = namesOf(rows[0] ?? {}, count)?.map(withoutExpressions)
      // One that is like ours; or one that Android has found under what stands behind its dot.
      if (!names) return await this.#cells(bound, await this.#ask(statement.text))
      return toResult(this.#keep(statement.text, { names, plain: false }), rows.filter(isRow))
    } catch (error) {
      const found = columnsFound(error)
      if (found !== undefined && found !== count) return this.#describe(statement, bound, found)
      if (!(error instanceof Error && notDescribed.test(error.message))) throw error
      return this.#cells(bound, await this.#ask(statement.text))
    }
  }

  async #ask(text: string): Promise<KnownColumns> {
    return this.#keep(text, {
      names: await namesByView(this.#bridge, text),
      plain: false,
    })
  }

  #known(text: string, schema: KnownSchema): KnownColumns | undefined {
    const known = this.#columns.get(text)
    if (known) return known
    const columns = resultColumns(text, schema)
    return columns && this.#keep(text, columns)
  }

  #keep(text: string, columns: KnownColumns): KnownColumns {
    if (this.#columns.size > 500) this.#columns.clear()
    this.#columns.set(text, columns)
    return columns
  }
}

function toResult({ names }: KnownColumns, rows: readonly PluginRow[]): ResultSet {
  return {
    columns: names,
    rows: rows.map((row) => cellsOf(row, names.length).map(decodeCell)),
    changes: 0,
    tables: [],
  }
}
