/** Hands the user a file that the page made. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own hold on the blob by then; without this the page would keep it for as long as it is open.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
