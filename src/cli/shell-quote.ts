/** A word as a POSIX shell takes it for exactly that word, so that a command can be copied from the screen. */
export function shellQuote(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
