import { DataLayerError } from '../../../../errors/index.ts'

// The layout of a file in the pool of @sqlite.org/sqlite-wasm 3.54.1-build1: path, flags, digest, and data from 4096 on.
const layout = { flags: 512, digest: 516, header: 524, data: 4096 }
const digestFlag = 0x80
const magic = 'SQLite format 3\0'

/** The names that this driver gives to files in the pool. */
export const databaseFile = '/database'
const ourFiles: ReadonlySet<string> = new Set([databaseFile, `${databaseFile}-wal`, `${databaseFile}-journal`])

/**
 * Looks at the pool's files before the VFS takes them: it empties every file whose header it does not accept, and such a
 * file may be a damaged database that somebody can still rescue.
 *
 * @throws {DataLayerError} `corrupt`, with nothing changed
 */
export async function checkPool(pool: FileSystemDirectoryHandle): Promise<void> {
  for await (const [name, handle] of pool) {
    if (handle.kind !== 'file') throw foreign(name)
    const file = await (handle as FileSystemFileHandle).getFile()
    if (file.size === 0) continue
    const header = new Uint8Array(await file.slice(0, layout.header).arrayBuffer())
    const start = await file.slice(layout.data, layout.data + magic.length).text()
    if (!isOurs(header, file.size, start === magic)) throw foreign(name)
  }
}

function isOurs(header: Uint8Array, size: number, isDatabase: boolean): boolean {
  const end = header.indexOf(0)
  const path = new TextDecoder().decode(header.subarray(0, end < 0 ? header.length : end))
  // A name, or its removal, and the digest are two writes, and a tab may be killed between them. Nothing is lost with a
  // file that has no data yet, nor with one that has just lost its name: unless it holds a database.
  if (path === '') return size <= layout.data || !isDatabase
  return ourFiles.has(path) && (size <= layout.data || hasValidDigest(header))
}

function hasValidDigest(header: Uint8Array): boolean {
  if (header.length < layout.header) return false
  const view = new DataView(header.buffer, header.byteOffset)
  const stored = [view.getUint32(layout.digest, true), view.getUint32(layout.digest + 4, true)]
  let expected = [0, 0]
  if (view.getUint32(layout.flags) & digestFlag) {
    expected = [0xdeadbeef, 0x41c6_ce57]
    for (const byte of header.subarray(0, layout.digest)) {
      expected = [Math.imul(expected[0]! ^ byte, 0x9e37_79b1), Math.imul(expected[1]! ^ byte, 104_729)]
    }
  }
  return expected.every((value, index) => value >>> 0 === stored[index])
}

function foreign(name: string): DataLayerError {
  return new DataLayerError('corrupt', 'The storage holds a file that is damaged or not ours; nothing was changed.', {
    details: { file: name },
  })
}
