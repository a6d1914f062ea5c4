const headerLength = 100

/** Whether two images are the same page for page; the header counts the writes, which differ. */
export function isSameContent(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => index < headerLength || byte === b[index])
}
