import { DataLayerError } from '../../../errors/index.ts'
import { quoteText } from './quote-text.ts'
import type { Bridge } from './bridge.ts'
import type { DatabaseFolder } from './database-folder.ts'
import { codedError } from './plugin-error.ts'

/** Gives the bytes of the file at an absolute path. */
export type ReadFile = (path: string) => Promise<Uint8Array>

/** The database's bytes: a copy is made, read and removed, because the plugin itself reads no files. */
export async function exportImage(bridge: Bridge, folder: DatabaseFolder, readFile: ReadFile): Promise<Uint8Array> {
  const copy = await folder.newCopy()
  try {
    await bridge.query({ text: `VACUUM INTO ${quoteText(copy.path)}`, values: [] })
    return await readFile(copy.path)
  } catch (error) {
    throw codedError(error)
  } finally {
    await folder.remove(copy).catch(() => undefined)
  }
}

/** Asks the WebView's own server, which serves the app's files to the app's page. */
export async function readThroughWebView(path: string): Promise<Uint8Array> {
  const { Capacitor } = await import('@capacitor/core')
  const response = await fetch(Capacitor.convertFileSrc(path))
  if (!response.ok) throw new DataLayerError('storage-unavailable', 'The WebView does not give the copy that was made.')
  return new Uint8Array(await response.arrayBuffer())
}
