type Message =
  /** There is a new owner. The one before may have died between a commit and its news, so any of these may have changed. */
  | { readonly type: 'owner'; readonly tables: readonly string[] }
  /** What commits may have written, by the name of who asked for them. */
  | { readonly type: 'changed'; readonly byVisitor: ReadonlyMap<string, ReadonlySet<string>> }

/** How long commits are gathered before the other tabs are told of them together, in milliseconds. */
const gathering = 10

/**
 * What the owner tells all tabs of a database. A message to them takes as long as an answer to one of them, and each passes
 * through the browser's own process: sent with every commit it would make all of them wait.
 */
export class News {
  readonly #channel: BroadcastChannel
  #byVisitor = new Map<string, Set<string>>()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Called when there is a new owner. */
  onOwner: () => void = () => undefined

  /**
   * @param isOwn whether a name is this tab's own
   * @param changed told of what other tabs' commits may have written
   */
  constructor(channelName: string, isOwn: (visitor: string) => boolean, changed: (tables: readonly string[]) => void) {
    this.#channel = new BroadcastChannel(channelName)
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === 'owner') this.onOwner()
      const tables = data.type === 'owner' ? data.tables : others(data.byVisitor, isOwn)
      if (tables.length > 0) changed(tables)
    }
  }

  tellOwner(tables: readonly string[]): void {
    this.#channel.postMessage({ type: 'owner', tables } satisfies Message)
  }

  /** Tells of a commit that `visitor` asked for, a moment later. */
  tellChanged(tables: readonly string[], visitor: string): void {
    this.#byVisitor.set(visitor, new Set([...(this.#byVisitor.get(visitor) ?? []), ...tables]))
    this.#timer ??= setTimeout(() => this.tellNow(), gathering)
  }

  /** Tells of what was gathered. */
  tellNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const byVisitor = this.#byVisitor
    if (byVisitor.size === 0) return
    this.#byVisitor = new Map()
    this.#channel.postMessage({ type: 'changed', byVisitor } satisfies Message)
  }

  close(): void {
    this.tellNow()
    this.#channel.close()
  }
}

function others(byVisitor: ReadonlyMap<string, ReadonlySet<string>>, isOwn: (visitor: string) => boolean): string[] {
  return [...new Set([...byVisitor].flatMap(([visitor, tables]) => (isOwn(visitor) ? [] : [...tables])))]
}
