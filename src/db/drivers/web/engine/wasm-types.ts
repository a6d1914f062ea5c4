/** What this driver uses of `@sqlite.org/sqlite-wasm`. Declared here, so that nobody needs the package for our types. */
export interface SqliteModule {
  readonly capi: SqliteConstants & SqliteWrapped
  readonly wasm: SqliteWasm
  readonly vfs: { installVfs(options: VfsInstallation): void }
  installOpfsSAHPoolVfs(options: PoolOptions): Promise<FilePool>
}

interface SqliteConstants {
  readonly SQLITE_WASM_DEALLOC: number
  readonly SQLITE_DBCONFIG_DQS_DML: number
  readonly SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE: number
  readonly SQLITE_DBCONFIG_DQS_DDL: number
}

interface SqliteWrapped {
  sqlite3_open_v2(filename: string, out: number, flags: number, vfs: string | null): number
  sqlite3_close_v2(database: number): number
  sqlite3_db_config(database: number, option: number, value: number, out: number): number
  sqlite3_backup_init(target: number, targetName: string, source: number, sourceName: string): number
  sqlite3_deserialize(
    database: number,
    schema: string,
    data: number,
    size: number,
    capacity: number,
    flags: number,
  ): number
  sqlite3_js_db_export(database: number): Uint8Array
  sqlite3_file_control(database: number, schema: string, operation: number, argument: number): number
  sqlite3_vfs_unregister(vfs: number): number
  readonly sqlite3_vfs: StructConstructor
  readonly sqlite3_io_methods: StructConstructor
  readonly sqlite3_file: StructConstructor
  readonly SQLITE_FCNTL_JOURNAL_POINTER: number
}

/** A C struct as sqlite-wasm shows it: one property per field, each with a `$` in front. */
export interface Struct {
  readonly pointer: number
  [field: `$${string}`]: number
  dispose(): void
}

export interface StructConstructor {
  new (pointer?: number): Struct
  readonly structInfo: { readonly sizeof: number }
}

interface VfsInstallation {
  readonly io: { readonly struct: Struct; readonly methods: Record<string, (...values: never[]) => number> }
  readonly vfs: {
    readonly struct: Struct
    readonly name: string
    readonly methods: Record<string, (...values: never[]) => number>
  }
}

interface SqliteWasm {
  readonly exports: SqliteExports
  readonly pstack: { readonly pointer: number; restore(pointer: number): void; alloc(size: number): number }
  heap8u(): Uint8Array
  /** The function that a C function pointer names. */
  functionEntry(pointer: number): (...values: (number | bigint)[]) => number
  peekPtr(address: number): number
  poke32(address: number, value: number): void
  poke64(address: number, value: bigint): void
  cstrToJs(address: number): string
  cstrncpy(target: number, source: number, size: number): number
}

/** The C functions themselves. Through sqlite-wasm's own wrappers, rows cost three to four times as much. */
export interface SqliteExports {
  sqlite3_malloc(bytes: number): number
  sqlite3_free(address: number): void
  sqlite3_prepare_v3(database: number, text: number, bytes: number, flags: number, out: number, tail: number): number
  sqlite3_step(statement: number): number
  sqlite3_reset(statement: number): number
  sqlite3_clear_bindings(statement: number): number
  sqlite3_finalize(statement: number): number
  sqlite3_column_count(statement: number): number
  sqlite3_column_name(statement: number, column: number): number
  sqlite3_column_type(statement: number, column: number): number
  sqlite3_column_double(statement: number, column: number): number
  sqlite3_column_int64(statement: number, column: number): bigint
  sqlite3_column_text(statement: number, column: number): number
  sqlite3_column_blob(statement: number, column: number): number
  sqlite3_column_bytes(statement: number, column: number): number
  sqlite3_bind_null(statement: number, place: number): number
  sqlite3_bind_double(statement: number, place: number, value: number): number
  sqlite3_bind_int64(statement: number, place: number, value: bigint): number
  sqlite3_bind_text(statement: number, place: number, text: number, bytes: number, destructor: number): number
  sqlite3_bind_blob(statement: number, place: number, blob: number, bytes: number, destructor: number): number
  sqlite3_extended_errcode(database: number): number
  sqlite3_errmsg(database: number): number
  sqlite3_get_autocommit(database: number): number
  sqlite3_limit(database: number, kind: number, value: number): number
  sqlite3_backup_step(backup: number, pages: number): number
  sqlite3_backup_finish(backup: number): number
}

interface PoolOptions {
  readonly name: string
  readonly directory: string
  readonly initialCapacity: number
  readonly verbosity: 0
  readonly preserveOnInitFailure: true
  readonly forceReinitIfPreviouslyFailed: true
}

/** The pool of files in OPFS that the `opfs-sahpool` VFS keeps open. */
export interface FilePool {
  readonly vfsName: string
  pauseVfs(): unknown
  unpauseVfs(): Promise<unknown>
  reserveMinimumCapacity(files: number): Promise<number>
  getFileNames(): string[]
}
