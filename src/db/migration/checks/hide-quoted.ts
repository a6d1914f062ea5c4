import { DataLayerError } from '../../../errors/index.ts'
import type { StatementRunner } from '../../driver.ts'
import { foldName } from '../../sql-text/names.ts'
import { isCode, nameOf, tokenize, type Token } from '../../sql-text/tokenize.ts'
import { checkStatement, type CheckedStatement } from '../../statement.ts'

const schemaTexts = `SELECT name, sql FROM sqlite_schema UNION ALL SELECT name, sql FROM sqlite_temp_schema`

/** What SQLite itself says around a name. */
const ownWords = new Set(
  `a after already and another at be by can cannot check column columns constraint constructor create creating database
  detail does drop duplicate error exist exists expected failed for foreign from fts5 function gap has have in incomplete index
  input integer invalid is json key main malformed missing module more must name named near no not null of on one or order parse
  path pragma primary query rename reserved row rows savepoint select sequence shadow special statement strict such syntax table
  temp term than to tokenizer too transaction trigger type unable union unique unknown unrecognized unterminated value values view
  virtual vtable while with without collation internal use object`.split(/\s+/),
)

/**
 * The same error without what SQLite quotes in it, where that is no name: of a row, or of a literal. SQLite puts in quotes,
 * or behind a colon, what it stumbled over (`bad JSON path: '…'`, `no such column: …` of a full-text query, the expression of
 * a CHECK). A word stays that the schema or the statement itself says outside of a literal.
 */
export async function hideQuoted(
  runner: StatementRunner,
  error: unknown,
  statements: readonly CheckedStatement[],
): Promise<unknown> {
  if (!(error instanceof DataLayerError) || error.code !== 'sqlite' || !error.sqlite) return error
  // Words of a RAISE are a sentence of the app's, and looked at on their own.
  if (error.sqlite.extended === 'SQLITE_CONSTRAINT_TRIGGER' || !/["':]/.test(error.message)) return error
  const [found] = await runner.run([checkStatement({ text: schemaTexts })]).catch(() => [])
  const texts = (found?.rows ?? []).flatMap(([name, sql]) => [`"${String(name).replaceAll('"', '""')}"`, String(sql)])
  const known = new Set([...texts, ...statements.map(({ text }) => text)].flatMap(namesIn))
  const message = hideUnknown(error.message, known)
  if (message === error.message) return error
  return new DataLayerError(error.code, message, { details: error.details, sqlite: error.sqlite })
}

/** Every name and word of a text but its literals; in double quotes also the words of what is quoted. */
function namesIn(text: string): string[] {
  return tokenize(text)
    .filter((token) => isCode(token) && token.kind !== 'text' && token.kind !== 'blob' && token.kind !== 'number')
    .flatMap((token) => {
      const name = nameOf(token) ?? token.text
      return [foldName(name), ...(token.kind === 'name' ? name.split(/[^\p{L}\p{N}_$]+/u).map(foldName) : [])]
    })
}

function hideUnknown(message: string, known: ReadonlySet<string>): string {
  const isKnown = (text: string) => known.has(foldName(text)) || ownWords.has(text.toLowerCase())
  const show = (token: Token): string => {
    if (!isCode(token) || token.kind === 'punctuation') return token.text
    if (token.kind === 'word') return isKnown(token.text) ? token.text : '…'
    if (token.kind !== 'text' && token.kind !== 'name') return '…'
    // SQLite puts what it quotes as it is, a literal with its own quotes too.
    const quote = token.text.charAt(0)
    const close = quote === '[' ? ']' : quote
    const inner = nameOf(token) ?? ''
    return isKnown(inner) || !/[\p{L}\p{N}]/u.test(inner) ? token.text : `${quote}…${close}`
  }
  const colon = message.indexOf(': ')
  const head = colon < 0 ? message : message.slice(0, colon)
  const shown = tokenize(head).map((token) =>
    token.kind === 'text' || token.kind === 'name' ? show(token) : token.text,
  )
  const tail = colon < 0 ? [] : tokenize(message.slice(colon)).map(show)
  return [...shown, ...tail].join('').replaceAll(/…(?:[ .]*…)+/g, '…')
}
