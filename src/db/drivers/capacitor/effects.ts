import { isSchemaPage, readProgram, type Cell } from '../../compiled-program.ts'
import { nameOf } from '../../sql-text/tokenize.ts'
import type { Bridge } from './bridge.ts'
import { decodeBare } from './cells.ts'
import type { KnownSchema } from './schema.ts'
import { statementKind, type StatementKind } from './statement-kind.ts'

/** What a statement does to the database. */
export interface Effects {
  readonly tables: readonly string[]
  readonly changesSchema: boolean
  readonly inserts: boolean
  readonly upserts: boolean
  /** Whether the plugin's count has rows of triggers and foreign key actions in it. */
  readonly nested: boolean
}

const none: Effects = { tables: [], changesSchema: false, inserts: false, upserts: false, nested: false }

/**
 * What statements write, without a call where the text and the schema say it, and with one `EXPLAIN` where triggers, foreign
 * key actions, views or DDL are part of it. Nobody else writes to a database that an app has open on a phone, so what is
 * known stays true until the driver itself changes the schema.
 */
export class EffectsFinder {
  readonly #bridge: Bridge
  readonly #known = new Map<string, Effects>()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  forget(): void {
    this.#known.clear()
  }

  /** What is known without asking the engine; `undefined` when it has to be asked. */
  at(text: string, schema: KnownSchema): Effects | undefined {
    const known = this.#known.get(text)
    if (known) return known
    const effects = plainEffects(statementKind(text), schema)
    if (effects) this.#keep(text, effects)
    return effects
  }

  async of(text: string, schema: KnownSchema): Promise<Effects> {
    return this.at(text, schema) ?? this.#keep(text, await this.#explain(text, schema))
  }

  #keep(text: string, effects: Effects): Effects {
    if (this.#known.size > 500) this.#known.clear()
    this.#known.set(text, effects)
    return effects
  }

  async #explain(text: string, schema: KnownSchema): Promise<Effects> {
    const { pages, virtualTables, writes, ...rest } = readProgram(await this.#program(text))
    if (!writes) return none
    const names = new Set<string>()
    for (const page of pages) names.add(isSchemaPage(page) ? 'sqlite_schema' : await this.#tableAt(page, schema))
    for (const object of virtualTables) names.add(await this.#virtualTable(object))
    const tables = [...names].filter((name) => name === 'sqlite_schema' || !name.startsWith('sqlite_'))
    return { ...rest, tables, changesSchema: names.has('sqlite_schema') }
  }

  async #program(text: string): Promise<Cell[][]> {
    const rows = await this.#rows(`EXPLAIN ${text}`)
    return rows.map(({ addr, opcode, p1, p2, p3, p4, p5 }) => [addr, opcode, p1, p2, p3, p4, p5].map(decodeBare))
  }

  async #tableAt(page: string, schema: KnownSchema): Promise<string> {
    const known = schema.pages.get(page)
    if (known !== undefined) return known
    const [number = '', root = ''] = page.split(':')
    const database = (await this.#rows('PRAGMA database_list')).find(({ seq }) => String(seq) === number)?.['name']
    if (database === undefined || number === '0') return 'sqlite_internal'
    const quoted = `"${String(database).replaceAll('"', '""')}"`
    const rows = await this.#rows(`SELECT tbl_name FROM ${quoted}.sqlite_master WHERE rootpage = ${Number(root)}`)
    return String(rows[0]?.['tbl_name'] ?? 'sqlite_internal')
  }

  // A virtual table has no page; EXPLAIN shows where its object lies in memory, for a read as for a write.
  async #virtualTable(object: Cell): Promise<string> {
    for (const { name } of await this.#rows(`SELECT name FROM pragma_table_list WHERE type = 'virtual'`)) {
      const program = await this.#program(`SELECT 1 FROM "${String(name).replaceAll('"', '""')}"`)
      if (program.some(([, opcode, , , , p4]) => opcode === 'VOpen' && p4 === object)) return String(name)
    }
    return 'sqlite_internal'
  }

  async #rows(text: string) {
    return (await this.#bridge.query({ text, values: [] })).rows
  }
}

/** A write of one table that sets nothing else in motion says all of it in its text. */
function plainEffects({ kind, verb, tokens }: StatementKind, schema: KnownSchema): Effects | undefined {
  if (kind !== 'write' && kind !== 'returning') return undefined
  const words = tokens.map((token) => (token.kind === 'word' ? token.text.toUpperCase() : token.text))
  const at = verb === 'UPDATE' ? (words[1] === 'OR' ? 3 : 1) : words.indexOf(verb === 'DELETE' ? 'FROM' : 'INTO') + 1
  const target = tokens[at]
  const name = target && tokens[at + 1]?.text !== '.' ? nameOf(target) : undefined
  const table = name === undefined ? undefined : schema.tables.get(name.toLowerCase())
  if (!table || table.name.toLowerCase().startsWith('sqlite_')) return undefined
  const inserts = verb === 'INSERT' || verb === 'REPLACE'
  const replaces = verb === 'REPLACE' || table.replaces || (words[1] === 'OR' && words[2] === 'REPLACE')
  const upserts = inserts && words.some((word, index) => word === 'DO' && words[index + 1] === 'UPDATE')
  const events = [inserts ? 'INSERT' : verb, ...(upserts ? ['UPDATE'] : []), ...(replaces ? ['DELETE'] : [])]
  if (events.some((event) => table.triggers.has(event))) return undefined
  // A row that goes or changes may take others with it.
  if (table.cascades) return undefined
  return { tables: [table.name], changesSchema: false, inserts: inserts && table.hasRowid, upserts, nested: false }
}
