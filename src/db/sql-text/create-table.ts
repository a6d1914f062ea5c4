import { isAtConstraint, readColumn, readConstraints, type ColumnItem, type ConstraintItem } from './table-items.ts'
import { TokenCursor } from './token-cursor.ts'
import { tokenize } from './tokenize.ts'

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
  const cursor = new TokenCursor(text)
  const { schema, name } = readHead(cursor)
  const columns: ColumnItem[] = []
  const constraints: ConstraintItem[] = []
  cursor.expect('(')
  do {
    if (isAtConstraint(cursor) && columns.length > 0) constraints.push(...readConstraints(cursor, name))
    else if (!isAtConstraint(cursor) && constraints.length === 0) columns.push(readColumn(cursor, name))
    else throw cursor.unreadable()
  } while (cursor.accept(','))
  cursor.expect(')')
  const options = readOptions(cursor)
  // AUTOINCREMENT is reserved: without quotes it can be nothing but the keyword.
  const autoincrement = tokenize(text).some(({ kind, text: word }) => kind === 'word' && /^autoincrement$/i.test(word))
  return { text, name, schema, columns, constraints, ...options, autoincrement }
}

function readHead(cursor: TokenCursor): { schema: string | undefined; name: string } {
  cursor.expect('CREATE')
  const temporary = cursor.accept('TEMP') || cursor.accept('TEMPORARY')
  cursor.expect('TABLE')
  if (cursor.accept('IF')) cursor.expect('NOT', 'EXISTS')
  const first = cursor.name()
  if (cursor.accept('.')) return { schema: first, name: cursor.name() }
  return { schema: temporary ? 'temp' : undefined, name: first }
}

function readOptions(cursor: TokenCursor): { withoutRowid: boolean; strict: boolean } {
  const found = { withoutRowid: false, strict: false }
  if (!cursor.atEnd && !cursor.isAt(';')) {
    do {
      if (cursor.accept('STRICT')) found.strict = true
      else {
        cursor.expect('WITHOUT', 'ROWID')
        found.withoutRowid = true
      }
    } while (cursor.accept(','))
  }
  while (cursor.accept(';'));
  if (!cursor.atEnd) throw cursor.unreadable()
  return found
}
