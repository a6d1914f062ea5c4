/** A name in the form in which SQLite compares names: ASCII letters have no case, all others keep theirs. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Whether SQLite takes two names for the same one. */
export function sameName(one: string, other: string): boolean {
  return foldName(one) === foldName(other)
}
