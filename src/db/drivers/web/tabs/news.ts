type Message =
  /** There is a new owner. The one before may have died between a commit and its news, so any of these may have changed. */
  | { readonly type: 'owner'; readonly tables: readonly string[] }
  /** What commits may have written, by the tab that asked for them. */
  | { readonly type: 'changed'; readonly byTab: ReadonlyMap<string, ReadonlySet<string>> }

/** How long commits are gathered before the other tabs are told of them together, in milliseconds. */
const gathering = 10

/**
 * What the owner tells all tabs of a database. A message to them takes as long as an answer to one of them, and each passes
 * through the browser's own process: sent with every commit it would make all of them wait.
 */
export class News {
  readonly #channel: BroadcastChannel
  #byTab = new Map<string, Set<string>>()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Called when there is a new owner. */
  onOwner: () => void = () => undefined

  /** @param changed told of what other tabs' commits may have written */
  constructor(channelName: string, tab: string, changed: (tables: readonly string[]) => void) {
    this.#channel = new BroadcastChannel(channelName)
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === 'owner') this.onOwner()
      const tables = data.type === 'owner' ? data.tables : others(data.byTab, tab)
      if (tables.length > 0) changed(tables)
    }
  }

  tellOwner(tables: readonly string[]): void {
    this.#channel.postMessage({ type: 'owner', tables } satisfies Message)
  }

  /** Tells of a commit that `tab` asked for, a moment later. */
  tellChanged(tables: readonly string[], tab: string): void {
    this.#byTab.set(tab, new Set([...(this.#byTab.get(tab) ?? []), ...tables]))
    this.#timer ??= setTimeout(() => this.tellNow(), gathering)
  }

  /** Tells of what was gathered. */
  tellNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const byTab = this.#byTab
    if (byTab.size === 0) return
    this.#byTab = new Map()
    this.#channel.postMessage({ type: 'changed', byTab } satisfies Message)
  }

  close(): void {
    this.tellNow()
    this.#channel.close()
  }
}

function others(byTab: ReadonlyMap<string, ReadonlySet<string>>, tab: string): string[] {
  return [...new Set([...byTab].flatMap(([asking, tables]) => (asking === tab ? [] : [...tables])))]
}
