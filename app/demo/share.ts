import { download } from './download.ts'

/** How a text left the page, for the person who wonders where it went. */
export type Shared = 'shared' | 'copied' | 'downloaded'

/**
 * Hands a text on: to the system's share sheet where there is one, to the clipboard in a WebView without one (Android's has
 * none, and downloads nothing that a page made), to a file in a browser.
 */
export async function share(name: string, text: string, onPhone: boolean): Promise<Shared> {
  const files = [new File([text], name, { type: 'application/json' })]
  if (onPhone && navigator.canShare?.({ files })) {
    await navigator.share({ files, title: name })
    return 'shared'
  }
  if (onPhone) {
    await navigator.clipboard.writeText(text)
    return 'copied'
  }
  download(name, text, 'application/json')
  return 'downloaded'
}
