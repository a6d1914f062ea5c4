/** A longer text is seldom seen twice, and would be kept whole. */
const longestText = 64 * 1024
const mostCharacters = 4 * 1024 * 1024

/** What is known of statements by their text. Emptied when it is full; texts too long to be kept are worked out anew. */
export class TextCache<T> {
  readonly #most: number
  readonly #values = new Map<string, T>()
  #characters = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Characters of all texts that it keeps. */
  get characters(): number {
    return this.#characters
  }

  has(text: string): boolean {
    return this.#values.has(text)
  }

  get(text: string): T | undefined {
    return this.#values.get(text)
  }

  set(text: string, value: T): void {
    if (text.length > longestText) return
    if (this.#values.has(text)) this.#characters -= text.length
    else if (this.#values.size >= this.#most || this.#characters + text.length > mostCharacters) this.clear()
    this.#values.set(text, value)
    this.#characters += text.length
  }

  clear(): void {
    this.#values.clear()
    this.#characters = 0
  }
}
