import { DataLayerError } from '../errors/index.ts'

/** What a row and a value take beside their characters or bytes, about: numbers without end fill a heap too. */
const perRow = 64
const perValue = 32

/** Counts what a batch answers, row by row, so that what nobody could carry is not gathered first. */
export class AnswerBudget {
  readonly most: number
  #left: number
  /** Whether a statement before has written: then it is not all undone. */
  wrote = false

  constructor(most: number) {
    this.most = most
    this.#left = most
  }

  /** @throws {DataLayerError} `unsupported`, or `outcome-unknown` when something was written too */
  take(row: readonly unknown[]): void {
    this.#left -= perRow + perValue * row.length
    for (const value of row) {
      if (typeof value === 'string') this.#left -= 2 * value.length
      else if (value instanceof Uint8Array) this.#left -= value.byteLength
    }
    if (this.#left >= 0) return
    throw new DataLayerError(
      this.wrote ? 'outcome-unknown' : 'unsupported',
      `The answer has more than ${this.most} bytes; ask for less at a time.`,
    )
  }
}
