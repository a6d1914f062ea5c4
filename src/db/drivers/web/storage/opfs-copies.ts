import { retryAccess } from './retry-access.ts'
import { storageError } from './storage-error.ts'
import type { CopyStore } from './storage.ts'
import { openSyncFile } from './sync-files.ts'

/** SQLite's header; a file gets it last, so that one without it was never finished. */
const headerLength = 100

/** Copies as plain files in the database's OPFS folder, beside the pool. */
export function opfsCopies(folder: FileSystemDirectoryHandle, database: string): CopyStore {
  const copies = () => folder.getDirectoryHandle('copies', { create: true })
  return {
    write: async (name, image) => {
      const directory = await copies()
      try {
        await removeUnfinished(directory)
        await writeFile(directory, encodeURIComponent(name), image)
      } catch (error) {
        await directory.removeEntry(encodeURIComponent(name)).catch(() => undefined)
        throw storageError(error)
      }
    },
    read: async (name) => {
      try {
        const file = await (await (await copies()).getFileHandle(encodeURIComponent(name))).getFile()
        const image = new Uint8Array(await file.arrayBuffer())
        return isFinished(image) ? image : undefined
      } catch (error) {
        if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
        throw storageError(error)
      }
    },
    list: async () => {
      const found: Awaited<ReturnType<CopyStore['list']>> = []
      for await (const [encoded, handle] of await copies()) {
        if (handle.kind !== 'file') continue
        const file = await readFinished(handle as FileSystemFileHandle)
        if (!file) continue
        const name = decodeURIComponent(encoded)
        const writtenAt = new Date(file.lastModified).toISOString()
        found.push({ location: `opfs:${database}/${name}`, bytes: file.size, writtenAt })
      }
      return found.toSorted((a, b) => (a.writtenAt < b.writtenAt ? 1 : -1))
    },
    remove: async (name) => removeFile(await copies(), encodeURIComponent(name)),
  }
}

async function writeFile(directory: FileSystemDirectoryHandle, name: string, image: Uint8Array): Promise<void> {
  const file = await directory.getFileHandle(name, { create: true })
  const handle = await retryAccess(() => openSyncFile(file))
  try {
    handle.truncate(0)
    handle.write(image.subarray(headerLength), { at: headerLength })
    handle.flush()
    handle.write(image.subarray(0, headerLength), { at: 0 })
    handle.flush()
  } finally {
    handle.close()
  }
}

/** What a tab that was killed has left. Only the one that owns the database writes here, one copy at a time. */
async function removeUnfinished(directory: FileSystemDirectoryHandle): Promise<void> {
  const unfinished: string[] = []
  for await (const [name, handle] of directory) {
    if (handle.kind === 'file' && !(await readFinished(handle as FileSystemFileHandle))) unfinished.push(name)
  }
  for (const name of unfinished) await removeFile(directory, name)
}

/** Another call may have removed it meanwhile. */
async function removeFile(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  await directory.removeEntry(name).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw storageError(error)
  })
}

/** `undefined` for a file that was never finished, or that another call has just removed. */
async function readFinished(handle: FileSystemFileHandle): Promise<File | undefined> {
  try {
    const file = await handle.getFile()
    return isFinished(new Uint8Array(await file.slice(0, headerLength).arrayBuffer())) ? file : undefined
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
    throw storageError(error)
  }
}

function isFinished(image: Uint8Array): boolean {
  return image[0] === 0x53
}
