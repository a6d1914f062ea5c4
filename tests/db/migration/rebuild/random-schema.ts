import fc, { type GeneratorValue } from 'fast-check'
import { needsQuotes } from '../../../../src/db/sql-text/reserved-words.ts'

/** A table as it was made up. Names are unquoted. */
export interface RandomTable {
  readonly name: string
  readonly sql: string
  readonly columns: readonly RandomColumn[]
  readonly key: readonly string[]
  readonly strict: boolean
  readonly withoutRowid: boolean
  /** The column that is the rowid. */
  readonly alias: string | undefined
}

export interface RandomColumn {
  readonly name: string
  readonly type: string
  readonly generated: boolean
}

export interface RandomIndex {
  readonly table: string
  readonly name: string
  readonly sql: string
}

/** A schema with its rows, as statements in the order in which they must run. */
export interface RandomSchema {
  readonly tables: readonly RandomTable[]
  /** `CREATE TABLE` statements first, in the order of `tables`. */
  readonly statements: readonly string[]
  /** The indexes that a statement made. */
  readonly indexes: readonly RandomIndex[]
}

const tableNames = ['accounts', 'Settings', 'order', 'x y', 'it`s', 'q"q', 'é', 'if', 'temp', 'end']
const columnNames = [
  'id',
  'did',
  'a b',
  'end',
  'Name',
  'select',
  'x"y',
  'z`z',
  'né',
  'rowid',
  '_rowid_',
  'oid',
  'check',
  "it's",
]
const looseTypes = [
  '',
  'INTEGER',
  'INT',
  'TEXT',
  'REAL',
  'BLOB',
  'NUMERIC',
  'VARCHAR(10, 2)',
  'DOUBLE  PRECISION',
  'date',
]
const strictTypes = ['INT', 'INTEGER', 'TEXT', 'REAL', 'BLOB', 'ANY']
export const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION']

/** Makes up schemas from draws of fast-check, so that a failing one is repeated by its seed and shrinks. */
export class SchemaMaker {
  readonly #draw: GeneratorValue

  constructor(draw: GeneratorValue) {
    this.#draw = draw
  }

  below(limit: number): number {
    return this.#draw(fc.nat, { max: limit - 1 })
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  choose<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  some<T>(list: readonly T[], atLeast: number): T[] {
    const count = atLeast + this.below(list.length - atLeast + 1)
    return list
      .map((item) => ({ item, order: this.below(1000) }))
      .toSorted((one, other) => one.order - other.order)
      .slice(0, count)
      .map(({ item }) => item)
  }

  /** A name in one of the ways SQLite reads it. */
  name(name: string): string {
    const ways = [`"${name.replaceAll('"', '""')}"`, `\`${name.replaceAll('`', '``')}\``, `[${name}]`]
    // SQLite's parser cannot take IF for a table's name without quotes, though it is no reserved word.
    if (!needsQuotes(name) && name !== 'if') ways.push(name, name)
    return this.choose(ways)
  }

  names(names: readonly string[]): string {
    return names.map((name) => this.name(name)).join(',' + this.blank())
  }

  /** White space and comments, with what a careless reader would trip over. */
  blank(): string {
    return this.chance(70) ? ' ' : this.choose(['\n', '\r\n  ', '\t', " /* ,) it's */ ", ' -- (," end\n', '  '])
  }

  text(): string {
    return this.choose(["'a'", "'B'", "'b'", "'it''s, (odd'", "''", "'1'", "'2.50'"])
  }

  value(type: string, strict: boolean): string {
    if (this.chance(10)) return 'NULL'
    const byType: Record<string, readonly string[]> = {
      INT: ['1', '2', '3', '9007199254740993'],
      INTEGER: ['1', '2', '3', '-4'],
      TEXT: [this.text()],
      REAL: ['1', '2.5', '-1e300'],
      BLOB: ["x''", "x'00ff'"],
    }
    const loose = ['1', '2', '3', '2.5', this.text(), "x'6162'", '1e3']
    return this.choose(strict ? (byType[type] ?? loose) : this.chance(60) ? (byType[type] ?? loose) : loose)
  }

  schema(): RandomSchema {
    const names = this.some(tableNames, 3).slice(0, 4)
    const outlines = names.map((name) => this.#outline(name))
    const tables = outlines.map((outline) => this.#table(outline, outlines))
    const rows = tables.flatMap((table) => this.#rows(table))
    const indexes = tables.flatMap((table) => this.#indexes(table))
    // Half of the indexes see the rows come, so that a unique one keeps some of them out.
    const texts = indexes.map(({ sql }) => sql)
    const early = texts.filter((text) => text.startsWith('CREATE UNIQUE') || this.chance(50))
    const late = texts.filter((text) => !early.includes(text))
    const statements = [
      ...tables.map(({ sql }) => sql),
      'CREATE TABLE log (x)',
      ...early,
      ...rows,
      ...late,
      ...this.#views(tables),
      ...this.#triggers(tables),
    ]
    return { tables, statements, indexes }
  }

  #outline(name: string): Outline {
    const strict = this.chance(25)
    const kind = this.choose([
      'none',
      'rowid',
      'rowid',
      'autoincrement',
      'autoincrement',
      'descending',
      'text',
      'composite',
      'without rowid',
      'without rowid',
    ] as const)
    const types = strict ? strictTypes : looseTypes
    const columns = this.some(columnNames, 3)
      .slice(0, 6)
      .map((column) => ({ name: column, type: this.choose(types), generated: false }))
    // A rowid that no name reaches cannot be compared, except through the column that is it.
    const hidden = columns.filter((column) => ['rowid', '_rowid_', 'oid'].includes(column.name))
    if (hidden.length === 3 && hidden[2]) hidden[2].name = 'shown'
    const [first, second] = columns
    if (!first || !second) throw new Error('too few columns')
    if (['rowid', 'autoincrement', 'descending'].includes(kind)) first.type = 'INTEGER'
    if (kind === 'text') first.type = 'TEXT'
    const key =
      kind === 'none' ? [] : kind === 'composite' || kind === 'without rowid' ? [first.name, second.name] : [first.name]
    return { name, strict, kind, columns, key }
  }

  #table({ name, strict, kind, columns, key }: Outline, outlines: readonly Outline[]): RandomTable {
    const all: RandomColumn[] = [...columns]
    const constraints: string[] = []
    const items = columns.map((column, index) => {
      const parts = [this.name(column.name), column.type]
      if (index === 0 && kind === 'text') parts.push('PRIMARY KEY')
      if (index === 0 && kind === 'rowid') parts.push('PRIMARY KEY')
      if (index === 0 && kind === 'autoincrement') parts.push('PRIMARY KEY AUTOINCREMENT')
      if (index === 0 && kind === 'descending') parts.push('PRIMARY KEY DESC')
      return [...parts, ...this.#columnClauses(column, strict, key, outlines, name)]
        .filter((part) => part !== '')
        .join(this.blank())
    })
    const plain = columns.map((column) => column.name)
    if (this.chance(40)) {
      const type = strict ? 'TEXT' : this.choose(['', 'TEXT', 'INT'])
      const ways = ['AS', 'GENERATED ALWAYS AS']
      items.push(
        `"gen, 1" ${type} ${this.choose(ways)} (typeof(${this.name(this.choose(plain))}) || ')') ${this.choose(['', 'VIRTUAL', 'STORED'])}`,
      )
      all.push({ name: 'gen, 1', type, generated: true })
    }
    if (kind === 'composite' || kind === 'without rowid') constraints.push(`PRIMARY KEY (${this.names(key)})`)
    if (this.chance(30))
      constraints.push(
        `${this.choose(['', 'CONSTRAINT "c, 1" '])}CHECK (${this.name(this.choose(plain))} IS NOT '),('${this.blank()})`,
      )
    if (this.chance(10)) constraints.push(`CHECK (${this.name(name)}.${this.name(this.choose(plain))} IS NOT 'never')`)
    if (this.chance(30))
      constraints.push(`UNIQUE (${this.name(this.choose(plain))} COLLATE NOCASE, ${this.name(this.choose(plain))})`)
    if (this.chance(30))
      constraints.push(`UNIQUE (${this.name(this.choose(plain))})${this.choose(['', ' ON CONFLICT REPLACE'])}`)
    if (this.chance(50)) constraints.push(this.#foreignKey(columns, outlines))
    const withoutRowid = kind === 'without rowid'
    const tail = [withoutRowid ? 'WITHOUT ROWID' : '', strict ? 'STRICT' : ''].filter((part) => part !== '')
    let list = items.join(`${this.blank()},${this.blank()}`)
    // Between table constraints SQLite needs no comma.
    constraints.forEach((text, index) => (list += (index === 0 || this.chance(70) ? ',' : '') + this.blank() + text))
    const sql = `CREATE TABLE${this.blank()}${this.name(name)}${this.blank()}(${this.blank()}${list}${this.blank()})${this.blank()}${tail.join(',' + this.blank())}`
    const alias = kind === 'rowid' || kind === 'autoincrement' ? key[0] : undefined
    return { name, sql: sql.trimEnd(), columns: all, key, strict, withoutRowid, alias }
  }

  #columnClauses(
    column: RandomColumn,
    strict: boolean,
    key: readonly string[],
    outlines: readonly Outline[],
    table: string,
  ): string[] {
    const clauses: string[] = []
    if (this.chance(20)) clauses.push(`COLLATE ${this.choose(['NOCASE', 'rtrim', 'BINARY', '"NOCASE"'])}`)
    if (this.chance(20))
      clauses.push(
        `DEFAULT ${strict ? this.#strictDefault(column.type) : this.choose([this.text(), '-1', '(1 + (2))', 'NULL', 'CURRENT_TIMESTAMP', 'true'])}`,
      )
    if (this.chance(15))
      clauses.push(`${this.choose(['', 'CONSTRAINT nn '])}NOT NULL${this.choose(['', ' ON CONFLICT IGNORE'])}`)
    if (this.chance(15) && !key.includes(column.name))
      clauses.push(`UNIQUE${this.choose(['', ' ON CONFLICT REPLACE'])}`)
    if (this.chance(20))
      clauses.push(
        `CHECK (${this.name(column.name)} IS NOT 'x,)' AND ${this.name(column.name)} IS NOT CASE WHEN 0 THEN 1 END || 'q')`,
      )
    if (this.chance(25)) clauses.push(this.#references(this.choose(outlines), 1, table))
    return clauses
  }

  #strictDefault(type: string): string {
    return { INT: '4', INTEGER: '-5', REAL: '1.5', BLOB: "x'00'" }[type] ?? this.text()
  }

  #foreignKey(columns: readonly RandomColumn[], outlines: readonly Outline[]): string {
    const parent = this.choose(outlines)
    const width = Math.max(1, parent.key.length)
    const own = columns.slice(0, width).map(({ name }) => name)
    return `FOREIGN KEY (${this.names(own)}) ${this.#references(parent, own.length, '')}`
  }

  /** One column may refer to a key of two only by naming one: SQLite then calls it a mismatch when it is used, as some apps have it. */
  #references(parent: Outline, width: number, _table: string): string {
    const target = parent.key.length === width ? parent.key : parent.columns.slice(0, width).map(({ name }) => name)
    const list = parent.key.length === width && this.chance(20) ? '' : `(${this.names(target)})`
    const del = this.chance(80) ? ` ON DELETE ${this.choose(actions)}` : ''
    const update = this.chance(40) ? ` ON UPDATE ${this.choose(actions)}` : ''
    const when = this.choose(['', '', '', ' DEFERRABLE INITIALLY DEFERRED', ' NOT DEFERRABLE', ' MATCH FULL'])
    return `REFERENCES${this.blank()}${this.name(parent.name)}${list}${del}${update}${when}`
  }

  #rows(table: RandomTable): string[] {
    const columns = table.columns.filter(({ generated }) => !generated)
    const hidden = table.withoutRowid
      ? undefined
      : ['rowid', '_rowid_', 'oid'].find((name) => columns.every((column) => column.name !== name))
    const rows = Array.from({ length: this.below(8) }, () => {
      const values = columns.map(({ name, type }) =>
        name === table.alias ? this.choose(['NULL', '1', '2', '3', '70']) : this.value(type, table.strict),
      )
      const rowid =
        hidden && table.key.length !== 1 && this.chance(50)
          ? { name: `${hidden}, `, value: `${this.below(50)}, ` }
          : { name: '', value: '' }
      return `INSERT OR IGNORE INTO ${this.name(table.name)} (${rowid.name}${this.names(columns.map(({ name }) => name))}) VALUES (${rowid.value}${values.join(', ')})`
    })
    const [first] = columns
    if (first && rows.length > 2 && this.chance(50)) {
      rows.push(
        `DELETE FROM ${this.name(table.name)} WHERE ${this.name(first.name)} = (SELECT max(${this.name(first.name)}) FROM ${this.name(table.name)})`,
      )
    }
    return rows
  }

  #indexes(table: RandomTable): RandomIndex[] {
    return Array.from({ length: this.below(4) }, (_, at) => {
      const name = `i ${at} ${table.name}`
      const terms = this.some(table.columns, 1)
        .slice(0, 3)
        .map((column) => {
          if (this.chance(20) && column.name !== 'rowid') return `lower(${this.name(column.name)}) || ')'`
          return `${this.name(column.name)}${this.choose(['', ' COLLATE NOCASE', ' COLLATE rtrim'])}${this.choose(['', ' DESC', ' ASC'])}`
        })
      const where = this.chance(30)
        ? ` WHERE ${this.chance(30) ? `${this.name(table.name)}.` : ''}${this.name(this.choose(table.columns).name)} IS NOT NULL`
        : ''
      const sql = `CREATE${this.choose([' ', ' ', ' UNIQUE '])}INDEX ${this.name(name)} ON${this.blank()}${this.name(table.name)} (${terms.join(', ')})${where}`
      return { table: table.name, name, sql }
    })
  }

  #views(tables: readonly RandomTable[]): string[] {
    const views: string[] = []
    for (const table of tables) {
      if (!this.chance(50)) continue
      const columns = this.some(table.columns, 1)
      const selected = this.chance(30)
        ? '*'
        : columns.map((column, at) => `${this.name(column.name)} AS c${at}`).join(', ')
      views.push(
        `CREATE VIEW ${this.name(`v ${table.name}`)} AS SELECT${this.blank()}${selected} FROM ${this.name(table.name)}`,
      )
      if (this.chance(60))
        views.push(
          `CREATE VIEW ${this.name(`w ${table.name}`)} AS SELECT *, 'it''s' FROM ${this.name(`v ${table.name}`)} AS v, ${this.name(this.choose(tables).name)}`,
        )
      if (this.chance(40))
        views.push(
          `CREATE TRIGGER ${this.name(`vt ${table.name}`)} INSTEAD OF INSERT ON ${this.name(`v ${table.name}`)} BEGIN INSERT INTO log VALUES (1); DELETE FROM ${this.name(table.name)} WHERE 0; END`,
        )
    }
    return views
  }

  #triggers(tables: readonly RandomTable[]): string[] {
    return tables.flatMap((table) =>
      Array.from({ length: this.below(3) }, (_, at) => {
        const column = this.choose(table.columns.filter(({ generated }) => !generated))
        const event = this.choose(['INSERT', 'DELETE', 'UPDATE', `UPDATE OF ${this.name(column.name)}`])
        const row = event === 'DELETE' ? 'old' : 'new'
        const other = this.choose(tables)
        const written = this.choose(other.columns.filter(({ generated }) => !generated))
        const body = this.choose([
          `INSERT INTO log SELECT CASE WHEN ${row}.${this.name(column.name)} THEN 'end;' END;`,
          `UPDATE ${this.name(other.name)} SET ${this.name(written.name)} = NULL WHERE 0;${this.blank()}INSERT INTO log VALUES (2);`,
          `DELETE FROM ${this.name(other.name)} WHERE ${this.name(written.name)} IS ${row}.${this.name(column.name)};`,
        ])
        const when = this.chance(30) ? `WHEN CASE WHEN ${row}.${this.name(column.name)} IS NULL THEN 1 ELSE 0 END ` : ''
        return `CREATE TRIGGER ${this.name(`t ${at} ${table.name}`)} ${this.choose(['BEFORE', 'AFTER'])} ${event} ON ${this.name(table.name)}${this.blank()}${when}BEGIN ${body} END`
      }),
    )
  }
}

interface Outline {
  readonly name: string
  readonly strict: boolean
  readonly kind: string
  readonly columns: { name: string; type: string; generated: boolean }[]
  readonly key: readonly string[]
}
