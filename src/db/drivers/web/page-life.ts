/**
 * Calls `leave` when the page stops running: closed, reloaded, put aside by the browser or frozen. What a frozen page
 * holds, no other tab could have.
 *
 * @returns the function that stops following
 */
export function followPage(leave: () => void): () => void {
  const page = globalThis.document as Document | undefined
  if (!page) return () => undefined
  page.addEventListener('freeze', leave)
  globalThis.addEventListener('pagehide', leave)
  return () => {
    page.removeEventListener('freeze', leave)
    globalThis.removeEventListener('pagehide', leave)
  }
}
