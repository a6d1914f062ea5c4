import { DataLayerError, sqliteError } from '../../../../errors/index.ts'
import { structuralDamage } from '../../../structural-damage.ts'
import type { SqlValue } from '../../../values.ts'
import { allocate, PreparedStatement } from './prepared-statement.ts'
import type { SqliteModule } from './wasm-types.ts'

const open = { readWrite: 0x02, create: 0x04, uri: 0x40 }
const deserialize = { freeOnClose: 1, resizeable: 2 }
const done = 101
const cacheSize = 200
const walFormat = 2
const limitAttached = 7
/** Lengths in a WAL file (sqlite.org/fileformat2.html, 4.1), and a flag of xSync's. */
const wal = { header: 32, frameHeader: 24, syncNormal: 2 }

/** How one database is opened: its name in a VFS and the pragmas that come first. */
export interface DatabaseLocation {
  readonly filename: string
  readonly vfs: string | null
  readonly pragmas: readonly string[]
}

const inMemory: DatabaseLocation = { filename: ':memory:', vfs: null, pragmas: [] }

/** One open database of SQLite's wasm. Everything it does is done when the call returns. */
export class WasmDatabase {
  readonly #module: SqliteModule
  readonly #database: number
  readonly #statements = new Map<string, PreparedStatement>()
  #open = true

  /** @throws {DataLayerError} `not-a-database`, `corrupt`, `storage-unavailable` */
  constructor(module: SqliteModule, location: DatabaseLocation, image?: Uint8Array) {
    this.#module = module
    this.#database = openHandle(module, location)
    try {
      if (image) this.#load(image)
      this.#configure(location.pragmas)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** A database in memory with the content of an image. */
  static fromImage(module: SqliteModule, image: Uint8Array): WasmDatabase {
    // An image in WAL mode cannot be read from memory (sqlite.org/c3ref/deserialize.html).
    const plain = image[18] === walFormat ? withoutWalMark(Uint8Array.from(image)) : image
    return new WasmDatabase(module, inMemory, plain)
  }

  static empty(module: SqliteModule): WasmDatabase {
    return new WasmDatabase(module, inMemory)
  }

  /** All rows of one statement. */
  read(text: string, values: readonly SqlValue[] = []): SqlValue[][] {
    return this.prepare(text).all(values)
  }

  /** Like {@link read}, compiled anew: an EXPLAIN from the cache would list the program of an earlier schema. */
  readOnce(text: string): SqlValue[][] {
    const statement = this.#compile(text)
    try {
      return statement.all([])
    } finally {
      statement.finalize()
    }
  }

  /** The compiled statement, from the cache when it is there; the ones used longest ago leave it first. */
  prepare(text: string): PreparedStatement {
    if (!this.#open) throw new DataLayerError('closed')
    let statement = this.#statements.get(text)
    if (statement) this.#statements.delete(text)
    else statement = this.#compile(text)
    this.#statements.set(text, statement)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size > cacheSize && oldest !== undefined) {
      this.#statements.get(oldest)?.finalize()
      this.#statements.delete(oldest)
    }
    return statement
  }

  /** Lets `work` attach a database, as VACUUM does to the one it builds. */
  attaching<T>(work: () => T): T {
    const { exports } = this.#module.wasm
    exports.sqlite3_limit(this.#database, limitAttached, 1)
    try {
      return work()
    } finally {
      exports.sqlite3_limit(this.#database, limitAttached, 0)
    }
  }

  get inTransaction(): boolean {
    return this.#open && this.#module.wasm.exports.sqlite3_get_autocommit(this.#database) === 0
  }

  /** The bytes of one plain file, frames that wait in the WAL included. */
  image(): Uint8Array {
    // SQLite takes the page size before it looks at the file, where another database's pages may stand since.
    this.read('PRAGMA page_count')
    const image = this.#module.capi.sqlite3_js_db_export(this.#database)
    return image[18] === walFormat ? withoutWalMark(image) : image
  }

  /** What is wrong with the file itself; `integrity_check` holds every index against its table too. */
  damage(check: 'quick_check' | 'integrity_check' = 'quick_check'): string[] {
    return structuralDamage(this.read(`PRAGMA ${check}`).map(([line]) => String(line)))
  }

  /** Puts another database's pages in the place of this one's, in one transaction. */
  replaceWith(source: WasmDatabase): void {
    const { capi, wasm } = this.#module
    const backup = capi.sqlite3_backup_init(this.#database, 'main', source.#database, 'main')
    if (backup === 0) throw this.#failure()
    const stepped = wasm.exports.sqlite3_backup_step(backup, -1)
    const finished = wasm.exports.sqlite3_backup_finish(backup)
    if (stepped !== done) this.#check(stepped)
    this.#check(finished)
  }

  /**
   * Cuts off what a commit that failed has left in the WAL behind the last one that did not. SQLite fills the last sector
   * after the frame that commits: a commit refused for that would be there when the file is opened again.
   *
   * @throws {DataLayerError} `outcome-unknown` when it cannot
   */
  dropRefusedCommit(): void {
    const frames = Number(this.read('PRAGMA wal_checkpoint(NOOP)')[0]?.[1])
    // Without a WAL it is -1.
    if (!(frames >= 0)) return
    const pageSize = Number(this.read('PRAGMA page_size')[0]?.[0])
    const size = frames === 0 ? 0 : wal.header + frames * (wal.frameHeader + pageSize)
    const { capi, wasm } = this.#module
    const stack = wasm.pstack.pointer
    try {
      const out = wasm.pstack.alloc(8)
      this.#check(capi.sqlite3_file_control(this.#database, 'main', capi.SQLITE_FCNTL_JOURNAL_POINTER, out))
      const pointer = wasm.peekPtr(out)
      const file = new capi.sqlite3_file(pointer)
      const methods = new capi.sqlite3_io_methods(file['$pMethods'])
      const failed =
        wasm.functionEntry(methods['$xTruncate'] ?? 0)(pointer, BigInt(size)) ||
        wasm.functionEntry(methods['$xSync'] ?? 0)(pointer, wal.syncNormal)
      methods.dispose()
      file.dispose()
      if (failed) throw new DataLayerError('outcome-unknown')
    } finally {
      wasm.pstack.restore(stack)
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    for (const statement of this.#statements.values()) statement.finalize()
    this.#statements.clear()
    this.#module.capi.sqlite3_close_v2(this.#database)
  }

  #load(image: Uint8Array): void {
    const address = allocate(this.#module, image)
    const flags = deserialize.freeOnClose | deserialize.resizeable
    this.#check(
      this.#module.capi.sqlite3_deserialize(this.#database, 'main', address, image.length, image.length, flags),
    )
  }

  #configure(pragmas: readonly string[]): void {
    const { capi, wasm } = this.#module
    // ATTACH and VACUUM INTO make files that the pool of OPFS would keep for ours, and that nobody saves elsewhere.
    wasm.exports.sqlite3_limit(this.#database, limitAttached, 0)
    const options = [
      // Schemas of older apps may say DEFAULT "text"; every other engine here allows it.
      capi.SQLITE_DBCONFIG_DQS_DML,
      capi.SQLITE_DBCONFIG_DQS_DDL,
      // Other tabs wait for an owner that closes; who opens it next reads the WAL in a fraction of that time.
      capi.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
    ]
    for (const option of options) {
      this.#check(capi.sqlite3_db_config(this.#database, option, 1, 0))
    }
    for (const pragma of pragmas) this.read(`PRAGMA ${pragma}`)
    // SQLite itself reads nothing until the first statement: what is wrong with the file is to show now.
    this.read('SELECT count(*) FROM sqlite_schema')
    this.enforceForeignKeys()
  }

  /** @throws {DataLayerError} `unsupported` when they stay off */
  enforceForeignKeys(): void {
    this.read('PRAGMA foreign_keys = ON')
    if (this.read('PRAGMA foreign_keys')[0]?.[0] !== 1) {
      throw new DataLayerError('unsupported', 'This SQLite does not enforce foreign keys.')
    }
  }

  #compile(text: string): PreparedStatement {
    const { wasm } = this.#module
    const bytes = new TextEncoder().encode(text)
    const address = allocate(this.#module, bytes)
    const stack = wasm.pstack.pointer
    try {
      const out = wasm.pstack.alloc(8)
      this.#check(wasm.exports.sqlite3_prepare_v3(this.#database, address, bytes.length, 1, out, 0))
      return new PreparedStatement(this.#module, wasm.peekPtr(out), (code) => this.#check(code))
    } finally {
      wasm.pstack.restore(stack)
      wasm.exports.sqlite3_free(address)
    }
  }

  #check(code: number): void {
    if (code !== 0) throw this.#failure()
  }

  #failure(): DataLayerError {
    const { exports, cstrToJs } = this.#module.wasm
    return sqliteError(
      exports.sqlite3_extended_errcode(this.#database),
      cstrToJs(exports.sqlite3_errmsg(this.#database)),
    )
  }
}

/** @returns the handle, with extended result codes on */
function openHandle({ capi, wasm }: SqliteModule, { filename, vfs }: DatabaseLocation): number {
  const stack = wasm.pstack.pointer
  try {
    const out = wasm.pstack.alloc(8)
    const extendedCodes = 0x02000000
    const code = capi.sqlite3_open_v2(filename, out, open.readWrite | open.create | open.uri | extendedCodes, vfs)
    const database = wasm.peekPtr(out)
    if (code === 0) return database
    const message = database === 0 ? 'out of memory' : wasm.cstrToJs(wasm.exports.sqlite3_errmsg(database))
    if (database !== 0) capi.sqlite3_close_v2(database)
    throw sqliteError(code, message)
  } finally {
    wasm.pstack.restore(stack)
  }
}

/** Such a file cannot be opened where there is no shared memory (sqlite.org/fileformat2.html, 1.3.1). */
function withoutWalMark(image: Uint8Array): Uint8Array {
  image[18] = image[19] = 1
  return image
}
