import { DataLayerError } from '../../../../errors/index.ts'

// The layout of a file in the pool of @sqlite.org/sqlite-wasm 3.54.1-build1: path, flags, digest, and data from 4096 on.
const layout = { flags: 512, digest: 516, header: 524, data: 4096 }
const digestFlag = 0x80

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
    if (!isOurs(header, file.size)) throw foreign(name)
  }
}

function isOurs(header: Uint8Array, size: number): boolean {
  // A free slot. With data behind the header it is one that a killed tab was about to cut off: that of a deleted file.
  if (header[0] === 0) return size <= layout.data || hasValidDigest(header)
  if (header.length < layout.header || size < layout.data) return false
  const path = new TextDecoder().decode(header.subarray(0, header.indexOf(0)))
  return ourFiles.has(path) && hasValidDigest(header)
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
