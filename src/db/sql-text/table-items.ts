import { sameName } from './names.ts'
import type { TextRange, TokenCursor } from './token-cursor.ts'
import { nameOf, type Token } from './tokenize.ts'

export interface ColumnItem extends TextRange {
  readonly kind: 'column'
  readonly name: string
  /** Columns that its checks, its generated value and its references to the table itself name. */
  readonly uses: readonly string[]
  readonly primaryKey: boolean
  readonly generated: boolean
}

export interface ConstraintItem extends TextRange {
  /** `name` is a `CONSTRAINT x` with nothing behind it, which SQLite takes. */
  readonly kind: 'primary key' | 'unique' | 'check' | 'foreign key' | 'name'
  /** The columns it is on; for a check, every name in its expression. */
  readonly columns: readonly string[]
  /** Columns of the table itself that a foreign key refers to. */
  readonly uses: readonly string[]
}

const constraintWords = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'])

/** Whether a table constraint begins here. These words are reserved: no column has one for a name without quotes. */
export function isAtConstraint(cursor: TokenCursor): boolean {
  return constraintWords.has(cursor.word())
}

export function readColumn(cursor: TokenCursor, table: string): ColumnItem {
  const from = cursor.position
  const name = cursor.name()
  const uses: string[] = []
  let primaryKey = false
  let generated = false
  while (!cursor.isAt(',', ')')) {
    const word = cursor.word()
    if (word === 'CONSTRAINT' || word === 'COLLATE') {
      cursor.expect(word)
      cursor.name()
    } else if (word === 'CHECK' || word === 'AS') {
      cursor.expect(word)
      generated ||= word === 'AS'
      uses.push(...namesIn(cursor.parenthesis()))
    } else if (word === 'REFERENCES') {
      uses.push(...readReferences(cursor, table))
    } else if (cursor.isAt('(')) {
      cursor.parenthesis()
    } else {
      primaryKey ||= word === 'PRIMARY'
      cursor.next()
    }
  }
  return { kind: 'column', name, uses, primaryKey, generated, ...cursor.since(from) }
}

/** The constraints up to the next comma: SQLite needs none between them, and takes `CONSTRAINT x` for an item of its own. */
export function readConstraints(cursor: TokenCursor, table: string): ConstraintItem[] {
  const items: ConstraintItem[] = []
  while (!cursor.isAt(',', ')')) {
    const from = cursor.position
    while (cursor.accept('CONSTRAINT')) cursor.name()
    items.push({ ...readConstraint(cursor, table), ...cursor.since(from) })
  }
  return items
}

function readConstraint(cursor: TokenCursor, table: string): Omit<ConstraintItem, keyof TextRange> {
  if (cursor.isAt(',', ')')) return { kind: 'name', columns: [], uses: [] }
  if (cursor.accept('FOREIGN')) {
    cursor.expect('KEY')
    const columns = listedNames(cursor.parenthesis())
    const uses = readReferences(cursor, table)
    while (!cursor.isAt(',', ')') && !isAtConstraint(cursor)) cursor.next()
    return { kind: 'foreign key', columns, uses }
  }
  if (cursor.accept('CHECK')) {
    const columns = namesIn(cursor.parenthesis())
    readConflictClause(cursor)
    return { kind: 'check', columns, uses: [] }
  }
  const kind = cursor.accept('UNIQUE') ? 'unique' : 'primary key'
  if (kind === 'primary key') cursor.expect('PRIMARY', 'KEY')
  const columns = listedNames(cursor.parenthesis())
  readConflictClause(cursor)
  return { kind, columns, uses: [] }
}

function readConflictClause(cursor: TokenCursor): void {
  if (!cursor.accept('ON')) return
  cursor.expect('CONFLICT')
  cursor.name()
}

/** The columns of the table itself that are referred to; those of another table are none of its own. */
function readReferences(cursor: TokenCursor, table: string): string[] {
  cursor.expect('REFERENCES')
  const parent = cursor.name()
  const columns = cursor.isAt('(') ? listedNames(cursor.parenthesis()) : []
  return sameName(parent, table) ? columns : []
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
