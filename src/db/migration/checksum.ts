import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { holdsData, normaliseStatement } from '../sql-text/normalise.ts'
import { tokenize } from '../sql-text/tokenize.ts'
import type { Patch, PatchStep } from './component.ts'

/** A patch's text as the ledger keeps it: one normalised statement a line. Comments, line ends and blanks do not count. */
export function patchSource(patch: Patch): string {
  return patch.statements.map(stepSource).join('\n')
}

/** SHA-256, as hexadecimal, of a text. */
export function checksum(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}

function stepSource(step: PatchStep): string {
  // Line ends do not count inside a literal either: a checkout may have changed them all.
  if (typeof step === 'string') return normaliseStatement(step.replaceAll('\r\n', '\n'))
  // The function's own text is no identity: a minifier changes it from build to build.
  if ('code' in step) return `-- code: ${step.code}`
  return `${normaliseStatement(step.text)}${step.params?.length ? ` -- ${checksum(JSON.stringify(step.params.map(paramSource)))}` : ''}`
}

function paramSource(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  return value instanceof Uint8Array ? bytesToHex(value) : value
}

const mostLines = 200

/** Both without what they begin and end with alike, and no longer than a person reads: the comparison is quadratic. */
function whatDiffers(left: string[], right: string[]): [string[], string[]] {
  let start = 0
  while (start < Math.min(left.length, right.length) - 1 && left[start] === right[start]) start += 1
  let end = 0
  while (end < Math.min(left.length, right.length) - start - 1 && left.at(-1 - end) === right.at(-1 - end)) end += 1
  const from = Math.max(0, start - 3)
  const cut = (lines: string[]) => lines.slice(from, Math.min(lines.length - Math.max(0, end - 3), from + mostLines))
  return [cut(left), cut(right)]
}

/**
 * What changed between two sources, line by line, in the form of a unified diff without its headers. Literals, which may
 * hold somebody's data, are numbered: equal ones have one number, so that a changed one still shows.
 */
export function sourceDiff(before: string, after: string): string[] {
  const numbers = new Map<string, string>()
  const linesOf = (source: string) => numberLiterals(source, numbers).split('\n')
  const [left, right] = whatDiffers(linesOf(before), linesOf(after))
  // common[i][j]: the length of the longest common subsequence of left[i…] and right[j…].
  const common = Array.from({ length: left.length + 1 }, () => Array.from({ length: right.length + 1 }, () => 0))
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = common[i]!
      row[j] = left[i] === right[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, row[j + 1]!)
    }
  }
  const lines: string[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push(`  ${left[i]}`)
      i += 1
      j += 1
    } else if (j >= right.length || (i < left.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push(`- ${left[i]}`)
      i += 1
    } else {
      lines.push(`+ ${right[j]}`)
      j += 1
    }
  }
  return lines
}

function numberLiterals(source: string, numbers: Map<string, string>): string {
  const tokens = tokenize(source).map((token) => {
    if (!holdsData(token)) return token.text
    const number = numbers.get(token.text) ?? `?${numbers.size + 1}`
    numbers.set(token.text, number)
    return number
  })
  return tokens.join('')
}
