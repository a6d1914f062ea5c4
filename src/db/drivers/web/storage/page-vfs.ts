import type { SqliteModule } from '../engine/wasm-types.ts'
import { PageFile } from './page-file.ts'

const code = { ok: 0, notFound: 12, cantOpen: 14, shortRead: 522 }
let installed = 0

/** A VFS of SQLite's for one database file in memory. Whatever else SQLite opens in it lives as long as it is open. */
export interface PageVfs {
  readonly vfsName: string
  /** The file is opened by this name. */
  readonly filename: string
  uninstall(): void
}

export function installPageVfs(module: SqliteModule, file: PageFile): PageVfs {
  const { capi, wasm } = module
  const filename = 'database'
  const open = new Map<number, PageFile>()
  const bytes = (address: number, length: number) => wasm.heap8u().subarray(address, address + length)
  const at = (handle: number) => {
    const found = open.get(handle)
    if (!found) throw new Error('SQLite uses a file that is not open.')
    return found
  }

  const io = new capi.sqlite3_io_methods()
  io.$iVersion = 1
  const ioMethods = {
    xClose: (handle: number) => (open.delete(handle), code.ok),
    xRead: (handle: number, target: number, length: number, offset: bigint) =>
      at(handle).read(bytes(target, length), Number(offset)) ? code.ok : code.shortRead,
    xWrite: (handle: number, source: number, length: number, offset: bigint) => (
      at(handle).write(bytes(source, length), Number(offset)),
      code.ok
    ),
    xTruncate: (handle: number, size: bigint) => (at(handle).truncate(Number(size)), code.ok),
    // A commit is saved after the statement, when IndexedDB can be waited for.
    xSync: () => code.ok,
    xFileSize: (handle: number, out: number) => (wasm.poke64(out, BigInt(at(handle).size)), code.ok),
    xLock: () => code.ok,
    xUnlock: () => code.ok,
    xCheckReservedLock: (_handle: number, out: number) => (wasm.poke32(out, 0), code.ok),
    xFileControl: () => code.notFound,
    xSectorSize: () => PageFile.blockSize,
    xDeviceCharacteristics: () => 0,
  }

  const vfs = new capi.sqlite3_vfs()
  vfs.$iVersion = 2
  vfs.$szOsFile = capi.sqlite3_file.structInfo.sizeof
  vfs.$mxPathname = 512
  const vfsMethods = {
    xOpen: (_vfs: number, name: number, handle: number, flags: number, outFlags: number) => {
      const isDatabase = name !== 0 && wasm.cstrToJs(name) === filename
      open.set(handle, isDatabase ? file : new PageFile(new Uint8Array(0)))
      const struct = new capi.sqlite3_file(handle)
      struct.$pMethods = io.pointer
      struct.dispose()
      wasm.poke32(outFlags, flags)
      return code.ok
    },
    xDelete: () => code.ok,
    xAccess: (_vfs: number, name: number, _flags: number, out: number) => (
      wasm.poke32(out, wasm.cstrToJs(name) === filename ? 1 : 0),
      code.ok
    ),
    xFullPathname: (_vfs: number, name: number, length: number, out: number) =>
      wasm.cstrncpy(out, name, length) < length ? code.ok : code.cantOpen,
    xRandomness: (_vfs: number, length: number, out: number) => (
      crypto.getRandomValues(bytes(out, length) as Uint8Array<ArrayBuffer>),
      length
    ),
    xSleep: () => code.ok,
    xGetLastError: () => code.ok,
    xCurrentTimeInt64: (_vfs: number, out: number) => {
      // Milliseconds since noon of 24 November 4714 BC.
      wasm.poke64(out, 210_866_760_000_000n + BigInt(Date.now()))
      return code.ok
    },
  }
  installed += 1
  const vfsName = `selfsame-pages-${installed}`
  module.vfs.installVfs({
    io: { struct: io, methods: ioMethods },
    vfs: { struct: vfs, name: vfsName, methods: vfsMethods },
  })
  return {
    vfsName,
    filename,
    uninstall: () => {
      capi.sqlite3_vfs_unregister(vfs.pointer)
      vfs.dispose()
      io.dispose()
    },
  }
}
