import { DataLayerError } from '../../errors/index.ts'
import { sameName } from './names.ts'
import { isCode, nameOf, tokenize, type Token } from './tokenize.ts'

/** Where a piece stands in the statement's text. `end` is behind its last character. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

export interface ColumnItem extends TextRange {
  readonly kind: 'column'
  readonly name: string
  readonly text: string
  /** Columns that its checks, its generated value and its references to the table itself name. */
  readonly uses: readonly string[]
  readonly primaryKey: boolean
  readonly generated: boolean
}

export interface ConstraintItem extends TextRange {
  /** `name` is a `CONSTRAINT x` with nothing behind it, which SQLite takes. */
  readonly kind: 'primary key' | 'unique' | 'check' | 'foreign key' | 'name'
  readonly text: string
  /** The columns it is on; for a check, every name in its expression. */
  readonly columns: readonly string[]
  /** Columns of the table itself that a foreign key refers to. */
  readonly uses: readonly string[]
}

/** A `CREATE TABLE` statement taken apart. */
export interface CreateTable {
  readonly text: string
  /** The table's name, unquoted. */
  readonly name: string
  /** The schema it is created in, where the text names one; `temp` for `CREATE TEMP TABLE`. */
  readonly schema: string | undefined
  readonly columns: readonly ColumnItem[]
  readonly constraints: readonly ConstraintItem[]
  readonly withoutRowid: boolean
  readonly strict: boolean
  readonly autoincrement: boolean
}

/**
 * Takes a `CREATE TABLE` statement apart, as SQLite's grammar has it (src/parse.y), whatever its quoting and comments.
 *
 * @throws {DataLayerError} `unsupported` for anything else, `CREATE TABLE … AS SELECT` and virtual tables included
 */
export function parseCreateTable(text: string): CreateTable {
  return new Parser(text).parse()
}

const constraintWords = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'])

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at = 0
  #table = ''

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokenize(text).filter(isCode)
  }

  parse(): CreateTable {
    this.#expect('CREATE')
    let schema = this.#accept('TEMP') || this.#accept('TEMPORARY') ? 'temp' : undefined
    this.#expect('TABLE')
    // A table may be called "if" without quotes; only NOT makes it a clause.
    if (this.#word() === 'IF' && this.#tokens[this.#at + 1]?.text.toUpperCase() === 'NOT') {
      this.#at += 2
      this.#expect('EXISTS')
    }
    this.#table = this.#name()
    if (this.#accept('.')) {
      schema = this.#table
      this.#table = this.#name()
    }
    this.#expect('(')
    const columns: ColumnItem[] = []
    const constraints: ConstraintItem[] = []
    do {
      if (constraintWords.has(this.#word())) constraints.push(...this.#constraints())
      else if (constraints.length === 0) columns.push(this.#column())
      else throw this.#unsupported()
    } while (this.#accept(','))
    this.#expect(')')
    const options = this.#options()
    if (columns.length === 0) throw this.#unsupported()
    // AUTOINCREMENT is reserved: without quotes it can be nothing but the keyword.
    const autoincrement = this.#tokens.some(
      ({ kind, text }) => kind === 'word' && text.toUpperCase() === 'AUTOINCREMENT',
    )
    return { text: this.#text, name: this.#table, schema, columns, constraints, ...options, autoincrement }
  }

  #options(): { withoutRowid: boolean; strict: boolean } {
    let withoutRowid = false
    let strict = false
    if (this.#word() === 'WITHOUT' || this.#word() === 'STRICT') {
      do {
        if (this.#accept('STRICT')) strict = true
        else {
          this.#expect('WITHOUT')
          this.#expect('ROWID')
          withoutRowid = true
        }
      } while (this.#accept(','))
    }
    while (this.#accept(';'));
    if (this.#at < this.#tokens.length) throw this.#unsupported()
    return { withoutRowid, strict }
  }

  #column(): ColumnItem {
    const from = this.#at
    const name = this.#name()
    const uses: string[] = []
    let primaryKey = false
    let generated = false
    while (!this.#isOneOf(',', ')')) {
      const word = this.#word()
      if (word === 'CONSTRAINT' || word === 'COLLATE') {
        this.#at += 1
        this.#name()
      } else if (word === 'CHECK' || word === 'AS') {
        this.#at += 1
        generated ||= word === 'AS'
        uses.push(...namesIn(this.#parenthesis()))
      } else if (word === 'REFERENCES') {
        uses.push(...this.#references())
      } else if (this.#isOneOf('(')) {
        this.#parenthesis()
      } else {
        primaryKey ||= word === 'PRIMARY'
        this.#next()
      }
    }
    return { kind: 'column', name, uses, primaryKey, generated, ...this.#range(from) }
  }

  // SQLite lets table constraints follow each other without a comma, and takes `CONSTRAINT x` for an item of its own.
  #constraints(): ConstraintItem[] {
    const items: ConstraintItem[] = []
    while (!this.#isOneOf(',', ')')) {
      const from = this.#at
      while (this.#accept('CONSTRAINT')) this.#name()
      items.push({ ...this.#constraint(), ...this.#range(from) })
    }
    return items
  }

  #constraint(): Pick<ConstraintItem, 'kind' | 'columns' | 'uses'> {
    if (this.#isOneOf(',', ')')) return { kind: 'name', columns: [], uses: [] }
    if (this.#accept('PRIMARY')) {
      this.#expect('KEY')
      return { kind: 'primary key', ...this.#keyList() }
    }
    if (this.#accept('UNIQUE')) return { kind: 'unique', ...this.#keyList() }
    if (this.#accept('CHECK')) {
      const columns = namesIn(this.#parenthesis())
      this.#conflictClause()
      return { kind: 'check', columns, uses: [] }
    }
    this.#expect('FOREIGN')
    this.#expect('KEY')
    const columns = listedNames(this.#parenthesis())
    const uses = this.#references()
    while (!this.#isOneOf(',', ')') && !constraintWords.has(this.#word())) this.#next()
    return { kind: 'foreign key', columns, uses }
  }

  #keyList(): Pick<ConstraintItem, 'columns' | 'uses'> {
    const columns = listedNames(this.#parenthesis())
    this.#conflictClause()
    return { columns, uses: [] }
  }

  #conflictClause(): void {
    if (!this.#accept('ON')) return
    this.#expect('CONFLICT')
    this.#name()
  }

  #references(): string[] {
    this.#expect('REFERENCES')
    const parent = this.#name()
    const columns = this.#isOneOf('(') ? listedNames(this.#parenthesis()) : []
    return sameName(parent, this.#table) ? columns : []
  }

  /** The tokens inside the parentheses that open here. */
  #parenthesis(): readonly Token[] {
    this.#expect('(')
    const from = this.#at
    for (let depth = 1; depth > 0;) {
      const { text } = this.#next()
      if (text === '(') depth += 1
      if (text === ')') depth -= 1
    }
    return this.#tokens.slice(from, this.#at - 1)
  }

  #range(from: number): TextRange & { text: string } {
    const first = this.#tokens[from]
    const last = this.#tokens[this.#at - 1]
    if (!first || !last || this.#at <= from) throw this.#unsupported()
    const range = { start: first.start, end: last.start + last.text.length }
    return { ...range, text: this.#text.slice(range.start, range.end) }
  }

  #name(): string {
    const name = nameOf(this.#next())
    if (name === undefined) throw this.#unsupported()
    return name
  }

  #word(): string {
    const token = this.#tokens[this.#at]
    return token?.kind === 'word' ? token.text.toUpperCase() : ''
  }

  #isOneOf(...marks: readonly string[]): boolean {
    const token = this.#tokens[this.#at]
    return token?.kind === 'punctuation' && marks.includes(token.text)
  }

  #accept(word: string): boolean {
    const found = this.#word() === word || this.#isOneOf(word)
    if (found) this.#at += 1
    return found
  }

  #expect(word: string): void {
    if (!this.#accept(word)) throw this.#unsupported()
  }

  #next(): Token {
    const token = this.#tokens[this.#at]
    // A semicolon inside the list means that the text is not one statement.
    if (!token || token.text === ';') throw this.#unsupported()
    this.#at += 1
    return token
  }

  #unsupported(): DataLayerError {
    const place = this.#tokens[this.#at]?.start ?? this.#text.length
    const of = this.#table ? ` of table ${this.#table}` : ''
    return new DataLayerError('unsupported', `The CREATE TABLE text${of} cannot be read at character ${place + 1}.`, {
      details: { table: this.#table, character: place + 1 },
    })
  }
}

/** Every name in an expression. A word before a parenthesis is a function; a keyword counts, which errs to the safe side. */
function namesIn(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' && token.kind !== 'name') return []
    return tokens[index + 1]?.text === '(' ? [] : [nameOf(token) ?? '']
  })
}

/** The names that a list of columns begins its parts with: `a COLLATE NOCASE, (b) DESC` names a and b. */
function listedNames(tokens: readonly Token[]): string[] {
  const names: string[] = []
  let wanted = true
  for (const token of tokens) {
    const name = wanted ? nameOf(token) : undefined
    if (name !== undefined) names.push(name)
    if (name !== undefined || token.text === ',') wanted = token.text === ','
  }
  return names
}
