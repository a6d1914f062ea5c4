/** One comparison, as `--json` writes it. */
export interface BenchResult extends Comparison {
  readonly subjectMedian: number
  readonly peerMedian: number
  /** peer ÷ subject: above 1, ours is the smaller number. */
  readonly ratio: number
  readonly runs: number
}

export interface Comparison {
  readonly name: string
  /** What is ours, and what it is held against. */
  readonly subject: string
  readonly peer: string
  readonly unit: string
  /** What is aimed for: how many times the peer's number ours may be, or how many times smaller ours is to be. */
  readonly aim?: { readonly atMost: number } | { readonly timesSmaller: number }
}

export function compare(comparison: Comparison, subject: readonly number[], peer: readonly number[]): BenchResult {
  const [subjectMedian, peerMedian] = [median(subject), median(peer)]
  return {
    ...comparison,
    subjectMedian: rounded(subjectMedian),
    peerMedian: rounded(peerMedian),
    ratio: rounded(peerMedian / subjectMedian),
    runs: subject.length,
  }
}

/** How a result stands to what is aimed for; `null` where nothing is. */
export function verdict({ aim, ratio }: BenchResult): string | null {
  if (!aim) return null
  const [is, reached] =
    'atMost' in aim
      ? [`${(1 / ratio).toFixed(2)} × the other, at most ${aim.atMost} × is aimed for`, 1 / ratio <= aim.atMost]
      : [`${ratio.toFixed(1)} × faster, at least ${aim.timesSmaller} × is aimed for`, ratio >= aim.timesSmaller]
  return `${is}: ${reached ? 'reached' : 'NOT reached'}`
}

/** Runs both in turn, so that whatever else the machine does meets both alike. The first pair warms up and does not count. */
export async function alternate<T>(
  runs: number,
  subject: () => Promise<T>,
  peer: () => Promise<T>,
): Promise<{ subject: T[]; peer: T[] }> {
  const results = { subject: [] as T[], peer: [] as T[] }
  for (let run = 0; run <= runs; run += 1) {
    // Who goes first changes: the second one finds warmer caches.
    const order = run % 2 === 0 ? (['subject', 'peer'] as const) : (['peer', 'subject'] as const)
    for (const side of order) {
      const result = await (side === 'subject' ? subject() : peer())
      if (run > 0) results[side].push(result)
    }
  }
  return results
}

/** The time of `times` calls, for each one, in microseconds. */
export async function microseconds(times: number, call: (time: number) => unknown): Promise<number> {
  const started = performance.now()
  for (let time = 0; time < times; time += 1) await call(time)
  return ((performance.now() - started) * 1000) / times
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
