/**
 * One line of JSON for any answer. What JSON has no form for: an integer beyond 2^53 is written as decimal text,
 * bytes as `{ "base64": "…" }`.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry === 'bigint') return Number.isSafeInteger(Number(entry)) ? Number(entry) : String(entry)
    if (entry instanceof Uint8Array) return { base64: Buffer.from(entry).toString('base64') }
    return entry
  })
}
