import { DataLayerError } from '../../../../errors/index.ts'
import type { InvokeEventLike } from './electron-types.ts'

interface AllowedPage {
  readonly site: string
  readonly path: string
}

const wholeDrive = /^\/(?:[A-Za-z]:\/?)?$/

/** @throws {DataLayerError} `unsupported` for an entry that is no URL, or that would let in every page of a kind */
export function allowedPages(pages: readonly string[]): readonly AllowedPage[] {
  if (pages.length === 0) throw new DataLayerError('unsupported', 'Name the pages that may use the database.')
  return pages.map((page) => {
    const url = parse(page)
    if (!url || (url.protocol === 'file:' ? wholeDrive.test(url.pathname) : url.host === ''))
      throw new DataLayerError('unsupported', 'A page is named by its URL, a file by the folder it is in.')
    return { site: siteOf(url), path: url.pathname }
  })
}

/**
 * Lets in the top frame of an allowed page and nobody else: a frame inside it may show anything.
 *
 * @throws {DataLayerError} `unsupported`
 */
export function checkSender({ senderFrame }: InvokeEventLike, allowed: readonly AllowedPage[]): void {
  const url = senderFrame && senderFrame.parent === null ? parse(senderFrame.url) : undefined
  const known = url && allowed.some(({ site, path }) => site === siteOf(url) && isBelow(url.pathname, path))
  if (!known) throw new DataLayerError('unsupported', 'This page may not use the database.')
}

// The origin of a URL with an app's own scheme is the text 'null', for all of them alike.
function siteOf({ protocol, host }: URL): string {
  // Chromium has the host of an app's own scheme in small letters, URL as it is written.
  return `${protocol}//${host.toLowerCase()}`
}

function isBelow(path: string, allowed: string): boolean {
  return path === allowed || path.startsWith(allowed.endsWith('/') ? allowed : `${allowed}/`)
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}
