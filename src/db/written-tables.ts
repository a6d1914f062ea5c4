import { isSchemaPage, readProgram, type Cell } from './compiled-program.ts'
import { isExplained, statementPurpose } from './statement-purpose.ts'
import { TextCache } from './text-cache.ts'

/** What one statement may do to the database, read from the program SQLite compiled for it. */
export interface StatementEffects {
  readonly writes: boolean
  /** Tables it may write, triggers and foreign key actions included; `sqlite_schema` when it changes the schema. */
  readonly tables: readonly string[]
  readonly changesSchema: boolean
  /** Whether it inserts rows that have a rowid. */
  readonly inserts: boolean
  /** Whether a row it was to insert may become an update, which leaves `last_insert_rowid()` as it was. */
  readonly upserts: boolean
}

/** Runs a query on the engine, now, and gives its rows. */
export type RowReader = (text: string) => readonly (readonly Cell[])[]

const reads: StatementEffects = { writes: false, tables: [], changesSchema: false, inserts: false, upserts: false }
const cacheSize = 500

/**
 * Tells which tables a statement may write. No reading of SQL text could: a trigger or a foreign key action writes tables
 * the text never names. `EXPLAIN` lists the compiled program, sub-programs included, and its `OpenWrite`, `Clear`, `Destroy`
 * and `VUpdate` steps name what they touch by root page. Worked out once per text and schema.
 */
export class WrittenTables {
  readonly #read: RowReader
  readonly #readCompiledNow: RowReader
  readonly #effects = new TextCache<{ version: Cell; effects: StatementEffects }>(cacheSize)
  #tables: { version: Cell; byPage: ReadonlyMap<string, string> } | undefined

  /**
   * @param read runs a query on the connection whose statements are asked about
   * @param readCompiledNow the same, where `read` keeps compiled statements, without doing so: SQLite never compiles an EXPLAIN anew by
   * itself, so that one compiled before a change of the schema goes on listing the old program
   */
  constructor(read: RowReader, readCompiledNow: RowReader = read) {
    this.#read = read
    this.#readCompiledNow = readCompiledNow
  }

  of(text: string): StatementEffects {
    const purpose = statementPurpose(text)
    if (purpose === 'read') return reads
    // The compiled programs depend on switches that no number counts: without foreign_keys they have no cascades.
    if (purpose === 'switch') this.forget()
    const known = this.#effects.get(text)
    const version = this.#schemaVersion()
    if (known && known.version === version) return known.effects
    const effects = this.#explain(text, version)
    this.#effects.set(text, { version, effects })
    return effects
  }

  /** Forgets what it knows: after a change of the schema, and after a rollback, which takes the schema's number back too. */
  forget(): void {
    this.#effects.clear()
    this.#tables = undefined
  }

  #schemaVersion(): Cell {
    return this.#read('PRAGMA schema_version')[0]?.[0] ?? null
  }

  #explain(text: string, version: Cell): StatementEffects {
    if (isExplained(text)) return reads
    const program = readProgram(this.#readCompiledNow(`EXPLAIN ${text}`))
    if (!program.writes) return reads
    const names = [
      ...program.pages.map((page) => this.#tableAt(page, version)),
      ...program.virtualTables.map((object) => this.#virtualTable(object)),
    ]
    const tables = [...new Set(names)].filter((name) => name === 'sqlite_schema' || !name.startsWith('sqlite_'))
    const { inserts, upserts } = program
    return { writes: true, tables, changesSchema: names.includes('sqlite_schema'), inserts, upserts }
  }

  #tableAt(page: string, version: Cell): string {
    if (isSchemaPage(page)) return 'sqlite_schema'
    if (this.#tables?.version !== version) this.#tables = { version, byPage: this.#readPages() }
    // A page that no table owns belongs to the engine itself.
    return this.#tables.byPage.get(page) ?? 'sqlite_internal'
  }

  #readPages(): Map<string, string> {
    const byPage = new Map<string, string>()
    for (const [number, schema] of this.#read('PRAGMA database_list')) {
      const quoted = `"${String(schema).replaceAll('"', '""')}"`
      const rows = this.#read(`SELECT rootpage, tbl_name FROM ${quoted}.sqlite_master WHERE rootpage > 0`)
      for (const [page, table] of rows) byPage.set(`${Number(number)}:${Number(page)}`, String(table))
    }
    return byPage
  }

  // A virtual table has no page; EXPLAIN shows where its object lies in memory, for a read as for a write.
  #virtualTable(object: Cell | undefined): string {
    const virtual = this.#read(`SELECT name FROM pragma_table_list WHERE type = 'virtual'`)
    for (const [name] of virtual) {
      const program = this.#readCompiledNow(`EXPLAIN SELECT 1 FROM "${String(name).replaceAll('"', '""')}"`)
      if (program.some(([, opcode, , , , p4]) => opcode === 'VOpen' && p4 === object)) return String(name)
    }
    return 'sqlite_internal'
  }
}
