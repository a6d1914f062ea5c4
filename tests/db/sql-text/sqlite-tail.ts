import type { DatabaseSync } from 'node:sqlite'

const nothingLeft = /contains no statements/

/**
 * The statements of a script as SQLite itself finds them: each is compiled, and what its parser left is compiled next.
 * A statement comes with whatever stands in front of it, and with its semicolon.
 *
 * @throws the engine's error where a statement does not compile
 */
export function sqliteStatements(database: DatabaseSync, script: string): string[] {
  const found: string[] = []
  for (let rest = script; rest.length > 0;) {
    let text: string
    try {
      text = database.prepare(rest).sourceSQL
    } catch (error) {
      if (error instanceof Error && nothingLeft.test(error.message)) break
      throw error
    }
    found.push(text)
    rest = rest.slice(text.length)
  }
  return found
}

/** Whether a text holds nothing that SQLite would compile. */
export function isEmpty(database: DatabaseSync, text: string): boolean {
  try {
    database.prepare(text)
    return false
  } catch (error) {
    return error instanceof Error && nothingLeft.test(error.message)
  }
}
