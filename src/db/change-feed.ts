/** What a commit may have changed. */
export interface DatabaseChange {
  /** Names of tables, as the schema spells them; `sqlite_schema` when the schema itself changed. */
  readonly tables: readonly string[]
}

export type ChangeListener = (change: DatabaseChange) => void

/** Tells listeners what a commit changed. */
export class ChangeFeed {
  readonly #listeners = new Set<ChangeListener>()

  listen(listener: ChangeListener): () => void {
    // A wrapper of its own, so that one function registered twice is called twice and stopped once.
    const entry: ChangeListener = (change) => listener(change)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  emit(tables: readonly string[]): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener({ tables })
      } catch (error) {
        // The write is committed: a listener's fault must not look like the writer's. It surfaces as an uncaught error.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  end(): void {
    this.#listeners.clear()
  }
}
