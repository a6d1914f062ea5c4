import { isCode, nameOf, tokenize, type Token } from '../sql-text/tokenize.ts'
import { TextCache } from '../text-cache.ts'

// These end, open or escape the launch's transaction; inside a patch they would undo what it promises.
const leaving = ['BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT', 'RELEASE', 'VACUUM', 'ATTACH', 'DETACH']
// Every other one changes the connection or the file beyond the transaction.
const allowedPragmas = ['USER_VERSION', 'APPLICATION_ID']

const leaves = (what: string) => `has a ${what} statement, which would leave the transaction that all patches share`

/** Why a patch may not say this, as the end of a sentence; `undefined` where it may. */
export function whyNotInPatch(text: string): string | undefined {
  const tokens = tokenize(text).filter(isCode)
  if (wordAt(tokens, 0) === 'EXPLAIN') return 'has an EXPLAIN statement, which does nothing'
  const reason = whyNotThere(tokens, isOurs)
  if (reason !== undefined) return reason
  return leaving.includes(wordAt(tokens, 0)) ? leaves(wordAt(tokens, 0)) : whatWouldStay(tokens)
}

const known = new TextCache<string | undefined>(1000)

/**
 * Why a patch's code may not say this. What begins and ends transactions is refused wherever there is one; this is what
 * would stay on the connection, which is the app's, when the transaction is over.
 */
export function whyNotInCode(text: string): string | undefined {
  if (known.has(text)) return known.get(text)
  const tokens = tokenize(text).filter(isCode)
  // Some pragmas work as they are compiled, also where they are only explained (sqlite.org/pragma.html).
  const explained = wordAt(tokens, 0) === 'EXPLAIN' ? (wordAt(tokens, 1) === 'QUERY' ? 3 : 1) : 0
  const rest = tokens.slice(explained)
  const reason = whatWouldStay(rest) ?? whyNotThere(rest, isHistory) ?? whyNotThatSavepoint(rest)
  known.set(text, reason)
  return reason
}

function whyNotThere(tokens: readonly Token[], isTaken: (table: string) => boolean): string | undefined {
  const table = writtenTables(tokens).find(isTaken)
  return table === undefined ? undefined : `writes to ${table}, which is the engine's own`
}

function whyNotThatSavepoint(tokens: readonly Token[]): string | undefined {
  if (!['SAVEPOINT', 'RELEASE', 'ROLLBACK'].includes(wordAt(tokens, 0))) return undefined
  const name = nameAt(
    tokens,
    tokens.findLastIndex(({ text }) => text !== ';'),
  )
  return isOurs(name) ? `names the savepoint ${name}, which is the engine's own` : undefined
}

function isOurs(name: string): boolean {
  return /^selfsame_/i.test(name)
}

/** What is applied and how far: code that sets many values aside writes to the log of repairs by itself. */
function isHistory(name: string): boolean {
  return /^selfsame_(ledger|repeatables|cursors|set_up)$/i.test(name)
}

function whatWouldStay(tokens: readonly Token[]): string | undefined {
  const first = wordAt(tokens, 0)
  if (first === 'ATTACH' || first === 'DETACH') return leaves(first)
  if (first === 'PRAGMA') {
    const pragma = nameAt(tokens, tokens[2]?.text === '.' ? 3 : 1).toUpperCase()
    return allowedPragmas.includes(pragma) ? undefined : leaves(first)
  }
  return first === 'CREATE' && isTemporary(tokens)
    ? 'creates something TEMP, which would stay with the app’s connection'
    : undefined
}

/** CREATE TEMP TABLE t, CREATE TABLE IF NOT EXISTS temp.t: up to the name, which comes before any parenthesis. */
function isTemporary(tokens: readonly Token[]): boolean {
  if (['TEMP', 'TEMPORARY'].includes(wordAt(tokens, 1))) return true
  const kind = tokens.findIndex((_, at) => ['TABLE', 'INDEX', 'VIEW', 'TRIGGER'].includes(wordAt(tokens, at)))
  const name = wordAt(tokens, kind + 1) === 'IF' && tokens[kind + 2]?.kind === 'word' ? kind + 4 : kind + 1
  return tokens[name + 1]?.text === '.' && nameAt(tokens, name).toLowerCase() === 'temp'
}

/** The tables that a statement, or a trigger it creates, writes to or changes; of others than tables, nothing. */
function writtenTables(tokens: readonly Token[]): string[] {
  const createsOn = wordAt(tokens, 0) === 'CREATE'
  return tokens.flatMap((_, at) => {
    const word = wordAt(tokens, at)
    const isDelete = word === 'FROM' && wordAt(tokens, at - 1) === 'DELETE'
    if (!isDelete && !['INTO', 'UPDATE', 'TABLE'].includes(word) && !(createsOn && word === 'ON')) return []
    let name = at + 1
    // UPDATE OR IGNORE t, TABLE IF NOT EXISTS t, TABLE IF EXISTS t
    if (wordAt(tokens, name) === 'OR') name += 2
    if (wordAt(tokens, name) === 'IF') name += wordAt(tokens, name + 1) === 'NOT' ? 3 : 2
    if (tokens[name + 1]?.text === '.') name += 2
    return [nameAt(tokens, name)]
  })
}

function wordAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at]
  return token?.kind === 'word' ? token.text.toUpperCase() : ''
}

function nameAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at]
  return (token && nameOf(token)) ?? ''
}
