import { isCode, nameOf, tokenize, type Token } from '../../sql-text/tokenize.ts'
import type { KnownSchema } from './schema.ts'
import { atDepthZero, statementKind } from './statement-kind.ts'

const clauses = /^(?:WHERE|GROUP|ORDER|LIMIT|WINDOW|UNION|EXCEPT|INTERSECT|HAVING)$/i
const compound = /^(?:UNION|EXCEPT|INTERSECT)$/i
const notAlias = /^(?:ON|USING|JOIN|LEFT|INNER|CROSS|NATURAL|RIGHT|FULL|OUTER|INDEXED|NOT)$/i

/** What is known of a read's columns before it is run. */
export interface KnownColumns {
  readonly names: readonly string[]
  /** Whether each is a column of a table: naming it several times costs nothing, and gives the same each time. */
  readonly plain: boolean
}

/**
 * The names that SQLite gives a SELECT's columns, where its text and the schema leave no doubt: an alias, a column of a known
 * table, or the text of an expression. How many they are SQLite says itself when it is wrong.
 *
 * @returns `undefined` where SQLite has to be asked
 */
export function resultColumns(text: string, schema: KnownSchema): KnownColumns | undefined {
  const { tokens, verb } = statementKind(text)
  if (verb !== 'SELECT') return undefined
  const outer = atDepthZero(tokens)
  const end = outer.findIndex(({ token }) => isWord(token, /^FROM$/i) || isWord(token, clauses))
  const list = tokens.slice(1, end < 0 ? undefined : end)
  // IS DISTINCT FROM
  if (isWord(list.at(-1), /^DISTINCT$/i)) return undefined
  if (isWord(list[0], /^(?:DISTINCT|ALL)$/i)) list.shift()
  const hasSources = isWord(tokens[end], /^FROM$/i)
  const sources = hasSources ? namedSources(outer.slice(end + 1).map(({ token }) => token)) : []
  // A table of WITH goes before one of the schema.
  const common = isWord(tokenize(text).find(isCode), /^WITH$/i)
  const columnsOf = ({ name }: Source) => (common ? undefined : tableColumns(name, schema))
  const names: string[] = []
  let plain = sources.length > 0 && !outer.some(({ token }) => isWord(token, compound))
  for (const item of items(list)) {
    const star = item.at(-1)?.text === '*' && (item.length === 1 || (item.length === 3 && item[1]?.text === '.'))
    if (!star) {
      const columnAt = (path: readonly Token[]) => declaredName(path, sources, columnsOf)
      const name = itemName(text, item, columnAt)
      if (name === undefined) return undefined
      const value = isWord(item.at(-2), /^AS$/i) ? item.slice(0, -2) : item
      plain &&= isPath(value) && columnAt(value) !== undefined
      names.push(name)
      continue
    }
    const owner = item.length === 3 && item[0] ? nameOf(item[0])?.toLowerCase() : undefined
    const meant = sources.filter(({ alias }) => owner === undefined || alias === owner).slice(0, 1)
    // NATURAL and USING give a column of two tables once.
    if (meant.length === 0 || (owner === undefined && sources.length > 1)) return undefined
    for (const source of meant) {
      const columns = columnsOf(source)
      if (!columns) return undefined
      names.push(...columns)
    }
  }
  return { names, plain }
}

/** Whether a column of the result is called by what some other text calls it: a view's, a subquery's, or the rowid's own. */
export function takesNames(text: string): boolean {
  return selectItems(text).some((item) => isPath(item) || item[0]?.text === '(' || isNamedByText(item))
}

// A view takes no alias that is true or false.
const ownName = 'selfsame#name '

/** The text with an alias where a view would call a column otherwise than SQLite calls the expression's. */
export function withAliases(text: string): string {
  let named = ''
  let end = 0
  for (const item of selectItems(text).filter(isNamedByText)) {
    const last = item.at(-1)
    if (!last) continue
    const at = last.start + last.text.length
    named += `${text.slice(end, at)} AS "${(ownName + expressionText(text, item)).replaceAll('"', '""')}"`
    end = at
  }
  return named + text.slice(end)
}

function selectItems(text: string): Token[][] {
  const { tokens, verb } = statementKind(text)
  if (verb !== 'SELECT') return []
  const end = atDepthZero(tokens).findIndex(({ token }) => isWord(token, /^FROM$/i) || isWord(token, clauses))
  const list = tokens.slice(1, end < 0 ? undefined : end)
  if (isWord(list[0], /^(?:DISTINCT|ALL)$/i)) list.shift()
  return items(list)
}

/** The name that {@link withAliases} took for an alias. */
export function nameOfAlias(alias: string): string {
  return alias.startsWith(ownName) ? alias.slice(ownName.length) : alias
}

// src/select.c, sqlite3ColumnsFromExprList: with COLLATE or likely() around it a column is called as without, and true and
// false by a number.
function isNamedByText(item: readonly Token[]): boolean {
  const inner = withoutParentheses(item)
  if (isWord(inner.at(-2), /^COLLATE$/i)) return true
  if (isWord(inner[0], /^(?:likely|unlikely|likelihood)$/i) && item.at(-1)?.text === ')') return true
  return item.length === 1 && isWord(item[0], /^(?:TRUE|FALSE)$/i)
}

function withoutParentheses(item: readonly Token[]): readonly Token[] {
  const outside = atDepthZero(item).filter(({ token }) => token)
  const around = item[0]?.text === '(' && item.at(-1)?.text === ')' && outside.length === 0
  return around ? withoutParentheses(item.slice(1, -1)) : item
}

/** A column's name by SQLite's rules (src/select.c, sqlite3GenerateColumnNames), where they leave no doubt. */
export function itemName(
  text: string,
  item: readonly Token[],
  columnAt: (path: readonly Token[]) => string | undefined,
): string | undefined {
  const [first, last, before] = [item[0], item.at(-1), item.at(-2)]
  if (!first || !last) return undefined
  if (isWord(before, /^AS$/i)) return nameOf(last)
  if (isPath(item)) {
    const name = columnAt(item)
    return name ?? (item.length === 1 && isWord(first, /^(?:TRUE|FALSE)$/i) ? expressionText(text, item) : undefined)
  }
  // What is behind COLLATE is no alias.
  if (isWord(before, /^COLLATE$/i)) return expressionText(text, item)
  // An alias without AS stands behind something that ends an expression.
  const mayBeAlias = (last.kind === 'word' || last.kind === 'name' || last.kind === 'text') && endsOperand(before)
  const isCase = isWord(first, /^CASE$/i) && isWord(last, /^END$/i)
  // Parentheses around a column alone leave it a column.
  if ((mayBeAlias && !isCase) || first.text === '(') return undefined
  if (item.length === 1 && first.kind === 'word') return undefined
  return expressionText(text, item)
}

/** With the comments behind it, up to what comes next. */
export function expressionText(text: string, item: readonly Token[]): string {
  const [first, last] = [item[0], item.at(-1)]
  if (!first || !last) return ''
  const next = tokenize(text).find((token) => isCode(token) && token.start > last.start)
  return text.slice(first.start, next?.start).trim()
}

/** `column` or `table.column`. */
function isPath(item: readonly Token[]): boolean {
  return item.every((token, at) =>
    at % 2 === 0 ? token.kind !== 'text' && nameOf(token) !== undefined : token.text === '.',
  )
}

interface Source {
  readonly name: string
  readonly alias: string
}

function tableColumns(name: string, schema: KnownSchema): readonly string[] | undefined {
  if (/^sqlite_(?:schema|master)$/i.test(name)) return ['type', 'name', 'tbl_name', 'rootpage', 'sql']
  return schema.tables.get(name.toLowerCase())?.columns
}

/** As the table declares it. What is no declared column, `rowid` for one, is asked for. */
function declaredName(
  path: readonly Token[],
  sources: readonly Source[],
  columnsOf: (source: Source) => readonly string[] | undefined,
): string | undefined {
  const [name, owner] = [path.at(-1), path.at(-3)].map((token) => token && nameOf(token)?.toLowerCase())
  const found = new Set<string>()
  const functions: Source[] = []
  for (const source of sources) {
    if (owner !== undefined && source.alias !== owner) continue
    if (/^pragma_/i.test(source.name)) {
      functions.push(source)
      continue
    }
    const columns = columnsOf(source)
    if (!columns) return undefined
    for (const column of columns) if (column.toLowerCase() === name) found.add(column)
  }
  // Their columns have names in small letters.
  if (found.size === 0 && functions.length === 1) return /^(?:_?rowid_?|oid)$/.test(name ?? '') ? undefined : name
  return found.size === 1 ? [...found][0] : undefined
}

function endsOperand(token: Token | undefined): boolean {
  if (!token) return false
  return token.text === ')' || !['punctuation'].includes(token.kind)
}

/** The parts between the commas of a list. */
export function items(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  for (const { token, index } of atDepthZero(tokens)) {
    const current = tokens[index]
    if (token?.text === ',') parts.push([])
    else if (current) parts.at(-1)?.push(current)
  }
  return parts
}

/** The tables of a FROM clause by the names they go by. */
function namedSources(tokens: readonly (Token | undefined)[]): Source[] {
  const sources: Source[] = []
  let expects = true
  for (const [at, token] of tokens.entries()) {
    if (isWord(token, clauses)) break
    if (token?.text === ',' || isWord(token, /^JOIN$/i)) expects = true
    else if (expects && token && nameOf(token) !== undefined && !notAlias.test(token.text)) {
      const name = nameOf(token) ?? ''
      const next = tokens[at + 1]
      const given = isWord(next, /^AS$/i) ? tokens[at + 2] : next
      const alias = given && !notAlias.test(given.text) && !clauses.test(given.text) ? nameOf(given) : undefined
      sources.push({ name, alias: (alias ?? name).toLowerCase() })
      expects = false
    } else if (expects && token?.text === undefined) {
      // A subquery: its columns are not known here.
      sources.push({ name: '', alias: '' })
      expects = false
    }
  }
  return sources
}

function isWord(token: Token | undefined, pattern: RegExp): boolean {
  return token?.kind === 'word' && pattern.test(token.text)
}
