/**
 * What code of a component threw, by its class. Its words may quote a row, and are left out: they stay in the `cause` of the
 * error that says this, which no report or log shows.
 */
export function whatWasThrown(error: unknown): string {
  if (!(error instanceof Error)) return 'its code threw something that is no error.'
  return `its code threw: ${className(error)}. What it says is left out, since it may quote a row; it is the error’s cause.`
}

// A name that is no class name may be words too.
function className({ name }: Error): string {
  return /^[A-Z]\w{0,60}$/.test(name) ? name : 'Error'
}
