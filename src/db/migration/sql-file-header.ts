import { DataLayerError } from '../../errors/index.ts'
import { isCode, tokenize } from '../sql-text/tokenize.ts'
import type { Patch } from './component.ts'

/** What the comment lines at the top of a patch file declare. */
export type SqlFileHeader = Pick<Patch, 'requires' | 'conflicts' | 'minReader'>

const keys = ['requires', 'conflicts', 'min-reader'] as const
type Key = (typeof keys)[number]

// What people write when they mean one of them; slips of the keyboard are found by their distance.
const mistaken: Readonly<Record<string, Key>> = {
  require: 'requires',
  required: 'requires',
  dependson: 'requires',
  depends: 'requires',
  needs: 'requires',
  conflict: 'conflicts',
  conflictswith: 'conflicts',
  excludes: 'conflicts',
  minimumreader: 'min-reader',
}

/**
 * Reads `-- requires:`, `-- conflicts:` and `-- min-reader:` from the comment lines above a file's first statement. Other
 * comments are prose and stay so; a line that must have been meant as one of these is an error, never ignored.
 *
 * @throws {DataLayerError} `unsupported` with `details.file` and `details.line`
 */
export function readSqlFileHeader(file: string, text: string): SqlFileHeader {
  const header: { requires?: string[]; conflicts?: string[]; minReader?: string } = {}
  for (const { key, names: list, line } of headerLines(file, text)) {
    const names = list.split(/[\s,]+/).filter(Boolean)
    if (key === 'requires') header.requires = [...(header.requires ?? []), ...names]
    else if (key === 'conflicts') header.conflicts = [...(header.conflicts ?? []), ...names]
    else if (names[0] && names.length === 1 && header.minReader === undefined) header.minReader = names[0]
    else throw invalid(file, line, 'min-reader takes one patch name')
  }
  return header
}

/** @throws {DataLayerError} `unsupported` for a header in a file that is no patch: nobody would ever read it */
export function mustHaveNoHeader(file: string, text: string): void {
  for (const { line } of headerLines(file, text)) throw invalid(file, line, 'only a patch file has such a line')
}

/** Whether a comment with this text would be read as a header, or refused for being nearly one. */
export function readsAsHeader(text: string): boolean {
  return exactHeader(text) !== undefined || nearHeader(text) !== undefined
}

interface HeaderLine {
  readonly key: Key
  readonly names: string
  /** From 1. */
  readonly line: number
}

/** The headers among the comment lines above the first statement. */
function headerLines(file: string, text: string): HeaderLine[] {
  const tokens = tokenize(text)
  const firstCode = tokens.findIndex(isCode)
  const above = firstCode < 0 ? tokens : tokens.slice(0, firstCode)
  return above.flatMap(({ kind, text: comment, start }) => {
    if (kind !== 'comment') return []
    const isLine = comment.startsWith('--')
    const firstLine = text.slice(0, start).split('\n').length
    return contentLines(comment).flatMap((content, index) => {
      const line = firstLine + index
      const exact = exactHeader(content)
      if (exact && isLine) return [{ ...exact, line }]
      const meant = exact?.key ?? nearHeader(content)
      if (meant) throw invalid(file, line, `such a line is read only when it is spelt “-- ${meant}: NAME”`)
      return []
    })
  })
}

/** A comment's lines without its marks. */
function contentLines(comment: string): string[] {
  if (comment.startsWith('--')) return [comment.slice(2).trim()]
  return comment
    .replace(/^\/\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.trim().replace(/^\*\s?/, ''))
}

function exactHeader(content: string): { key: Key; names: string } | undefined {
  const [, word = '', names = ''] = /^(requires|conflicts|min-reader)\s*:(.*)$/i.exec(content) ?? []
  const key = keys.find((known) => known === word.toLowerCase())
  return key && { key, names }
}

const withMark = /^([a-z]+(?:[ _-][a-z]+)?)\s*[:=]/i
const withPatches = /^([a-z]+(?:[ _-][a-z]+)?)(?:[\s,]+[a-z][a-z0-9_-]*-\d{4})+$/i

/** The header that a line must have been meant as, where it is none: the word misspelt, or the colon left out. */
function nearHeader(content: string): Key | undefined {
  const words = (withMark.exec(content) ?? withPatches.exec(content))?.[1]
  if (words === undefined) return undefined
  const word = words.toLowerCase().replaceAll(/[^a-z]/g, '')
  return mistaken[word] ?? keys.find((key) => distance(word, key.replace('-', '')) <= 2)
}

/** How many letters have to be put in, taken out or replaced to make one word of the other. */
function distance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1]
    for (const [column, wanted] of [...other].entries()) {
      const replaced = (above[column] ?? 0) + (letter === wanted ? 0 : 1)
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above.at(-1) ?? 0
}

function invalid(file: string, line: number, what: string): DataLayerError {
  return new DataLayerError('unsupported', `${file}, line ${line}: ${what}.`, { details: { file, line } })
}
