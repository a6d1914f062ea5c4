import { DataLayerError } from '../errors/index.ts'
import { checkValue, type SqlValue } from './values.ts'
import { countStatements } from './sql-text/split.ts'
import { leadingCode } from './sql-text/tokenize.ts'
import { TextCache } from './text-cache.ts'

/** One SQL statement and the values bound to its `?` places, in order. */
export interface Statement {
  readonly text: string
  readonly params?: readonly unknown[]
}

/** A statement whose text is one statement and whose values an engine may take. Only {@link checkStatement} makes one. */
export interface CheckedStatement {
  readonly text: string
  readonly params: readonly SqlValue[]
}

const singleStatements = new TextCache<true>(1000)

/**
 * Engines differ in what they do with a second statement in one text: run it, drop it silently or throw. Here it is refused.
 *
 * @throws {DataLayerError} `invalid-value` for a value no column stores, `unsupported` for a text with none or several statements
 */
export function checkStatement(statement: Statement): CheckedStatement {
  const { text, params } = statement
  if (typeof text !== 'string') {
    throw new DataLayerError('unsupported', 'A statement is sql`…` or { text, params }.')
  }
  if (!singleStatements.has(text)) {
    // SQLite reads a text up to its first NUL, and writes U+FFFD for half a surrogate pair: neither is what was meant.
    if (text.includes('\0') || !text.isWellFormed()) {
      throw new DataLayerError(
        'unsupported',
        'A statement has no NUL and no lone surrogate in its text; bind such values.',
      )
    }
    const count = countStatements(text)
    if (count !== 1) {
      throw new DataLayerError('unsupported', `One call takes one statement; this text has ${count}.`, {
        details: { statements: count },
      })
    }
    // Whoever looks at a statement's first word would see none, and SQLite would run what follows.
    if (leadingCode(text, 1)[0]?.text === ';')
      throw new DataLayerError('unsupported', 'A statement does not begin with a semicolon.')
    singleStatements.set(text, true)
  }
  if (params !== undefined && !Array.isArray(params)) {
    throw new DataLayerError('invalid-value', 'Parameters are an array, in the order of the ? places.')
  }
  // Array.from reads a Vue proxy element by element, so that what crosses a bridge is plain (DataCloneError otherwise).
  return { text, params: Array.from(params ?? [], (value, index) => checkValue(value, index + 1)) }
}
