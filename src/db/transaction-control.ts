import { leadingCode } from './sql-text/tokenize.ts'
import { TextCache } from './text-cache.ts'

export type TransactionControl = 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback-to'

const byFirstWord: ReadonlyMap<string, TransactionControl> = new Map([
  ['BEGIN', 'begin'],
  ['COMMIT', 'commit'],
  ['END', 'commit'],
  ['ROLLBACK', 'rollback'],
  ['SAVEPOINT', 'savepoint'],
  ['RELEASE', 'release'],
])

const known = new TextCache<TransactionControl | undefined>(1000)

/** What a statement does to the transaction it runs in; `undefined` for all that do nothing to it. */
export function transactionControl(text: string): TransactionControl | undefined {
  if (known.has(text)) return known.get(text)
  const [first = '', ...rest] = leadingCode(text, 3).map((token) => token.text.toUpperCase())
  const control = byFirstWord.get(first)
  // ROLLBACK TO name, ROLLBACK TRANSACTION TO name
  const result = control === 'rollback' && rest.includes('TO') ? 'rollback-to' : control
  known.set(text, result)
  return result
}
