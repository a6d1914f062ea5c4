/** A bar that fills, for example `[#########---------]  50%`; without a total, how much is done. */
export function progressBar(done: number, total: number | null, width: number): string {
  if (total === null || total <= 0) return `${done.toLocaleString('en')} done`
  const part = Math.min(1, Math.max(0, done / total))
  const filled = Math.round(part * width)
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${String(Math.floor(part * 100)).padStart(3)}%`
}
