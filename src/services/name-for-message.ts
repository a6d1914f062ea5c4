import { redactText } from '../errors/index.ts'

/** A key that a caller made up, as it may stand in a message: it can be a whole sentence of SQL with values in it. */
export function nameForMessage(key: string): string {
  return /^[A-Za-z_]\w{0,63}$/.test(key) ? redactText(key) : '(not a name)'
}
