import { open, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DataLayerError } from '../../../../../errors/index.ts'
import { headerLength, isPlainHeader } from '../../../../file-header.ts'

/** The database at `filename` and the copies beside it, those that are encrypted. */
export async function encryptedFilesOf(filename: string): Promise<string[]> {
  const folder = dirname(filename)
  const copyStart = `${basename(filename)}.selfsame-`
  try {
    const copies = (await readdir(folder)).filter(
      (name) => /^(backup|damaged)-.*\.sqlite$/.test(name.slice(copyStart.length)) && name.startsWith(copyStart),
    )
    const found: string[] = []
    for (const file of [filename, ...copies.map((name) => join(folder, name))])
      if (await isEncrypted(file)) found.push(file)
    return found
  } catch (error) {
    throw new DataLayerError('storage-unavailable', undefined, { cause: error })
  }
}

async function isEncrypted(filename: string): Promise<boolean> {
  let file
  try {
    file = await open(filename, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(headerLength), 0, headerLength, 0)
    return bytesRead > 0 && !isPlainHeader(buffer)
  } finally {
    await file.close()
  }
}
