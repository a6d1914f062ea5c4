/** A stream of numbers that a seed fixes: the same seed gives the same database on every engine. */
export interface Random {
  /** A whole number from 0 up to but not including `limit`. */
  below(limit: number): number
  hex(digits: number): string
  chance(probability: number): boolean
}

/** Mulberry32: 32 bits of state, good enough for test data and for nothing else. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(''),
    chance: (probability) => next() < probability,
  }
}
