import { eventChannel, type EventMessage } from '../bridge.ts'
import type { HostEvent } from '../calls/operations.ts'
import type { WebContentsLike } from './electron-types.ts'

/** A document in a window, from its first call until it is gone. */
interface Page {
  readonly peer: string
  readonly page: string
  readonly contents: WebContentsLike
}

/** Which documents use the databases, and when each of them is gone. */
export class Pages {
  readonly #pages = new Map<string, Page>()
  readonly #watched = new WeakSet<WebContentsLike>()
  readonly #gone: (peer: string) => void

  /** @param gone called once for each document that is closed, reloaded, left or crashed */
  constructor(gone: (peer: string) => void) {
    this.#gone = gone
  }

  /** The peer that a call comes from. A window shows one document: one that speaks later is there instead of the others. */
  meet(contents: WebContentsLike, page: string): string {
    const peer = `${contents.id}/${page}`
    if (this.#pages.has(peer)) return peer
    this.#end((other) => other.contents === contents)
    this.#watch(contents)
    this.#pages.set(peer, { peer, page, contents })
    return peer
  }

  tell(peer: string, event: HostEvent): void {
    const known = this.#pages.get(peer)
    if (!known || known.contents.isDestroyed()) return
    known.contents.send(eventChannel, { page: known.page, event } satisfies EventMessage)
  }

  #watch(contents: WebContentsLike): void {
    if (this.#watched.has(contents)) return
    this.#watched.add(contents)
    const endAll = () => this.#end((page) => page.contents === contents)
    contents.on('destroyed', endAll)
    contents.on('render-process-gone', endAll)
    // Told when the new document is there; it may have called already, so only those from before the start are gone.
    let leaving = new Set<string>()
    contents.on('did-start-navigation', (details: { isMainFrame?: boolean; isSameDocument?: boolean }) => {
      if (details.isMainFrame && !details.isSameDocument)
        leaving = new Set(
          [...this.#pages.values()].filter((page) => page.contents === contents).map(({ peer }) => peer),
        )
    })
    contents.on('did-navigate', () => this.#end(({ peer }) => leaving.has(peer)))
  }

  #end(isGone: (page: Page) => boolean): void {
    for (const page of this.#pages.values()) {
      if (!isGone(page)) continue
      this.#pages.delete(page.peer)
      this.#gone(page.peer)
    }
  }
}
