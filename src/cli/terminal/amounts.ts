const byteUnits = ['bytes', 'kB', 'MB', 'GB'] as const

/** `1 row`, `2 rows`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`
}

/** `12.3 kB`, in thousands. */
export function formatBytes(bytes: number): string {
  let amount = bytes
  let unit = 0
  while (amount >= 1000 && unit < byteUnits.length - 1) {
    amount /= 1000
    unit += 1
  }
  return `${unit === 0 ? String(amount) : amount.toFixed(1)} ${byteUnits[unit]}`
}

/** `340 ms`, `2.1 s`. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
