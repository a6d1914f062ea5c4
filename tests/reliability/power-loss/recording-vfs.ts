import type { SqliteModule } from '../../../src/db/drivers/web/engine/wasm-types.ts'
import { RecordingDisk, type RecordedFile } from './recording-disk.ts'

const code = { ok: 0, notFound: 12, cantOpen: 14, shortRead: 522 }
const openFlags = { create: 0x4, mainJournal: 0x800, wal: 0x80000 }
/** What the file system promises. Nothing beyond the bytes written changes: so SQLite's unix VFS says of every disk. */
export const powersafeOverwrite = 0x1000
/** What the VFS for OPFS says of itself (SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN): it makes no promise about sectors. */
export const undeletableWhenOpen = 0x800
/** Both VFSs say 4096, whatever the disk has. */
const sectorSize = 4096

let installed = 0

/** Makes a disk a VFS of SQLite's; answers the VFS's name. */
export function installRecordingVfs(module: SqliteModule, disk: RecordingDisk, characteristics: number): string {
  const { capi, wasm } = module
  const open = new Map<number, RecordedFile>()
  const bytes = (address: number, length: number) => wasm.heap8u().subarray(address, address + length)
  const at = (handle: number) => open.get(handle)!
  // Files without a name are SQLite's own for sorting and statement journals: nobody reads them after a loss of power.
  const scratch = () => new RecordingDisk().open('scratch', { create: true, syncName: false })

  const io = new capi.sqlite3_io_methods()
  io.$iVersion = 1
  const ioMethods = {
    xClose: (handle: number) => (open.delete(handle), code.ok),
    xRead: (handle: number, target: number, length: number, offset: bigint) =>
      at(handle).read(bytes(target, length), Number(offset)) ? code.ok : code.shortRead,
    xWrite: (handle: number, source: number, length: number, offset: bigint) => {
      at(handle).write(bytes(source, length), Number(offset))
      return code.ok
    },
    xTruncate: (handle: number, size: bigint) => (at(handle).truncate(Number(size)), code.ok),
    xSync: (handle: number) => (at(handle).sync(), code.ok),
    xFileSize: (handle: number, out: number) => (wasm.poke64(out, BigInt(at(handle).size)), code.ok),
    xLock: () => code.ok,
    xUnlock: () => code.ok,
    xCheckReservedLock: (_handle: number, out: number) => (wasm.poke32(out, 0), code.ok),
    xFileControl: () => code.notFound,
    xSectorSize: () => sectorSize,
    xDeviceCharacteristics: () => characteristics,
  }

  const vfs = new capi.sqlite3_vfs()
  vfs.$iVersion = 2
  vfs.$szOsFile = capi.sqlite3_file.structInfo.sizeof
  vfs.$mxPathname = 512
  const vfsMethods = {
    xOpen: (_vfs: number, name: number, handle: number, flags: number, outFlags: number) => {
      const syncName = (flags & (openFlags.mainJournal | openFlags.wal)) !== 0
      const create = (flags & openFlags.create) !== 0
      const file = name === 0 ? scratch() : disk.open(wasm.cstrToJs(name), { create, syncName })
      if (!file) return code.cantOpen
      open.set(handle, file)
      const struct = new capi.sqlite3_file(handle)
      struct.$pMethods = io.pointer
      struct.dispose()
      wasm.poke32(outFlags, flags)
      return code.ok
    },
    xDelete: (_vfs: number, name: number, syncNames: number) => (
      disk.delete(wasm.cstrToJs(name), syncNames !== 0),
      code.ok
    ),
    xAccess: (_vfs: number, name: number, _flags: number, out: number) => {
      wasm.poke32(out, disk.has(wasm.cstrToJs(name)) ? 1 : 0)
      return code.ok
    },
    xFullPathname: (_vfs: number, name: number, length: number, out: number) =>
      wasm.cstrncpy(out, name, length) < length ? code.ok : code.cantOpen,
    xRandomness: (_vfs: number, length: number, out: number) => {
      crypto.getRandomValues(bytes(out, length) as Uint8Array<ArrayBuffer>)
      return length
    },
    xSleep: () => code.ok,
    xGetLastError: () => code.ok,
    xCurrentTimeInt64: (_vfs: number, out: number) => {
      // Milliseconds since noon of 24 November 4714 BC.
      wasm.poke64(out, 210_866_760_000_000n + BigInt(Date.now()))
      return code.ok
    },
  }
  installed += 1
  const name = `selfsame-recording-${installed}`
  module.vfs.installVfs({ io: { struct: io, methods: ioMethods }, vfs: { struct: vfs, name, methods: vfsMethods } })
  return name
}
