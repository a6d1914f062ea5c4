import { eventChannel, type EventMessage } from '../bridge.ts'
import { DataLayerError } from '../../../../errors/index.ts'
import type { HostEvent } from '../calls/operations.ts'
import type { WebContentsLike } from './electron-types.ts'

/** A document in a window, from its first call until it is gone. */
interface Page {
  readonly peer: string
  readonly page: string
  readonly contents: WebContentsLike
}

/** How many documents of one window are remembered after they have gone. */
const mostRemembered = 100

/** Which documents use the databases, and when each of them is gone. */
export class Pages {
  readonly #pages = new Map<string, Page>()
  /** Of each window that is watched, the documents that have gone: a late message of theirs is not a new one's first. */
  readonly #left = new WeakMap<WebContentsLike, Set<string>>()
  readonly #gone: (peer: string) => void
  readonly #failed: (error: unknown) => void

  /**
   * @param gone called once for each document that is closed, reloaded, left or crashed
   * @param failed told when a window could not be told something
   */
  constructor(gone: (peer: string) => void, failed: (error: unknown) => void) {
    this.#gone = gone
    this.#failed = failed
  }

  /**
   * The peer that a call comes from. A window shows one document: one that speaks later is there instead of the others.
   *
   * @throws {DataLayerError} `closed` for a document that has gone
   */
  meet(contents: WebContentsLike, page: string): string {
    const peer = `${contents.id}/${page}`
    if (this.#pages.has(peer)) return peer
    if (this.#left.get(contents)?.has(page)) throw new DataLayerError('closed')
    this.#end((other) => other.contents === contents)
    this.#watch(contents)
    this.#pages.set(peer, { peer, page, contents })
    return peer
  }

  tell(peer: string, event: HostEvent): void {
    const known = this.#pages.get(peer)
    if (!known || known.contents.isDestroyed()) return
    try {
      known.contents.send(eventChannel, { page: known.page, event } satisfies EventMessage)
    } catch (error) {
      // Its frame was disposed of between the look and the call. Whoever writes has nothing to do with it.
      queueMicrotask(() => this.#failed(error))
    }
  }

  #watch(contents: WebContentsLike): void {
    if (this.#left.has(contents)) return
    this.#left.set(contents, new Set())
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

  #remember({ contents, page }: Page): void {
    const left = this.#left.get(contents)
    left?.add(page)
    const [oldest] = left ?? []
    if (left && oldest !== undefined && left.size > mostRemembered) left.delete(oldest)
  }

  #end(isGone: (page: Page) => boolean): void {
    for (const page of this.#pages.values()) {
      if (!isGone(page)) continue
      this.#pages.delete(page.peer)
      this.#remember(page)
      this.#gone(page.peer)
    }
  }
}
