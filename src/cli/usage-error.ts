/** The command was called in a way it does not understand. It ends with status 2 and shows the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
