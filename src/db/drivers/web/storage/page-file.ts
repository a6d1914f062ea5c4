/** SQLite's file in memory, with a note of every block written since the last save. */
export class PageFile {
  static readonly blockSize = 4096
  #bytes: Uint8Array
  #size: number
  readonly #dirty = new Set<number>()
  #sizeChanged = false

  constructor(content: Uint8Array) {
    this.#bytes = content
    this.#size = content.length
  }

  get size(): number {
    return this.#size
  }

  get isDirty(): boolean {
    return this.#sizeChanged || this.#dirty.size > 0
  }

  /** Fills `target` from `offset` on; what lies beyond the end becomes zeros. Answers whether all of it was there. */
  read(target: Uint8Array, offset: number): boolean {
    const end = Math.min(this.#size, offset + target.length)
    const there = Math.max(0, end - offset)
    if (there > 0) target.set(this.#bytes.subarray(offset, end))
    target.fill(0, there)
    return there === target.length
  }

  write(source: Uint8Array, offset: number): void {
    const end = offset + source.length
    // SQLite may leave out pages that hold nothing (free ones): the gap is content too.
    const first = Math.floor(Math.min(offset, this.#size) / PageFile.blockSize)
    this.#reserve(end)
    this.#bytes.set(source, offset)
    if (end > this.#size) {
      this.#size = end
      this.#sizeChanged = true
    }
    const last = Math.floor((end - 1) / PageFile.blockSize)
    for (let block = first; block <= last; block += 1) this.#dirty.add(block)
  }

  truncate(size: number): void {
    this.#reserve(size)
    this.#bytes.fill(0, size, this.#size)
    this.#size = size
    this.#sizeChanged = true
  }

  /** The blocks to save, each as a copy. One past the end is not among them. */
  dirtyBlocks(): { index: number; bytes: Uint8Array }[] {
    return [...this.#dirty]
      .filter((index) => index * PageFile.blockSize < this.#size)
      .map((index) => ({
        index,
        bytes: this.#bytes.slice(index * PageFile.blockSize, Math.min((index + 1) * PageFile.blockSize, this.#size)),
      }))
  }

  saved(): void {
    this.#dirty.clear()
    this.#sizeChanged = false
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2, 64 * PageFile.blockSize))
    larger.set(this.#bytes.subarray(0, this.#size))
    this.#bytes = larger
  }
}
