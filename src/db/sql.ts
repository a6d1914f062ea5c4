import type { Statement } from './statement.ts'

const fragment = Symbol('selfsame.sql')

interface SqlStatement extends Statement {
  readonly [fragment]: true
  readonly text: string
  readonly params: readonly unknown[]
}

/**
 * A statement written with its values in place. Every value becomes a bound parameter; another `sql` piece is spliced in
 * as text, with its own parameters.
 *
 * @example
 * const name = 'Ada'
 * await db.query(sql`SELECT did FROM contacts WHERE name = ${name}`)
 * @example
 * const newest = sql`ORDER BY dateCreated DESC`
 * await db.query(sql`SELECT did FROM accounts ${newest}`)
 */
export function sql(
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
): Statement & { params: readonly unknown[] } {
  let text = strings[0] ?? ''
  const params: unknown[] = []
  values.forEach((value, index) => {
    if (isFragment(value)) {
      text += value.text
      params.push(...value.params)
    } else {
      text += '?'
      params.push(value)
    }
    text += strings[index + 1] ?? ''
  })
  return piece(text, params)
}

function piece(text: string, params: readonly unknown[]): SqlStatement {
  return { [fragment]: true, text, params }
}

function isFragment(value: unknown): value is SqlStatement {
  return typeof value === 'object' && value !== null && fragment in value
}

/**
 * A name as SQLite text, quoted so that it can be nothing but a name. Square brackets are avoided because they cannot
 * hold a `]`; double quotes are safe here because a name that does not exist is checked for before it is used.
 */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A name as a piece for {@link sql}. Names of columns come from a schema description or the schema itself, never from a caller. */
export function sqlName(name: string): Statement & { params: readonly unknown[] } {
  return piece(quoteName(name), [])
}

/** Pieces for {@link sql}, with commas between them. */
export function sqlList(pieces: readonly Statement[]): Statement & { params: readonly unknown[] } {
  return piece(
    pieces.map(({ text }) => text).join(', '),
    pieces.flatMap(({ params }) => params ?? []),
  )
}

/** Text as an SQL string literal, for the few places (DDL, PRAGMA) that take no bound value. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
