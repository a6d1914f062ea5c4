import { isCode, tokenize, type Token } from './tokenize.ts'

/**
 * Splits a script into its statements, without their semicolons and without comments around them. A trigger's body stays
 * whole, `CASE … END` inside it included. The last semicolon may be missing.
 *
 * @example
 * splitStatements('CREATE TABLE a (x); -- note\nINSERT INTO a VALUES (1)') // two statements
 */
export function splitStatements(script: string): string[] {
  return statementRanges(script).map(([start, end]) => script.slice(start, end))
}

/** How many statements a text holds. */
export function countStatements(text: string): number {
  return statementRanges(text).length
}

const beforeTrigger = new Set(['EXPLAIN', 'QUERY', 'PLAN', 'CREATE', 'TEMP', 'TEMPORARY'])

function statementRanges(script: string): [start: number, end: number][] {
  const ranges: [number, number][] = []
  let tokens: Token[] = []
  let state: 'prefix' | 'plain' | 'trigger' = 'prefix'
  const finish = () => {
    const first = tokens[0]
    const last = tokens.at(-1)
    if (first && last) ranges.push([first.start, last.start + last.text.length])
    tokens = []
    state = 'prefix'
  }
  for (const token of tokenize(script)) {
    if (!isCode(token)) continue
    if (token.kind === 'punctuation' && token.text === ';') {
      if (state !== 'trigger' || endsTrigger(tokens)) finish()
      else tokens.push(token)
      continue
    }
    tokens.push(token)
    if (state === 'prefix') {
      const word = token.kind === 'word' ? token.text.toUpperCase() : ''
      if (word === 'TRIGGER' && tokens.length > 1) state = 'trigger'
      else if (!beforeTrigger.has(word)) state = 'plain'
    }
  }
  finish()
  return ranges
}

// As sqlite3_complete() has it: a trigger is over at «; END ;» and nowhere else, so that a CASE … END or a column called
// "end" inside it counts for nothing (sqlite.org/c3ref/complete.html, src/complete.c).
function endsTrigger(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1)
  return last?.kind === 'word' && last.text.toUpperCase() === 'END' && tokens.at(-2)?.text === ';'
}
