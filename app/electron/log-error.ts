/** Writes what went wrong where nobody waits for an answer: its code, and no message, in which a path or a name may be. */
export function logError(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected'
  process.stderr.write(`selfsame: ${code}\n`)
}
