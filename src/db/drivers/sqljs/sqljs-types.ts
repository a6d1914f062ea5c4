/** What this driver uses of sql.js. Declared here: sql.js ships no types, and a consumer may have none installed. */
export interface SqljsStatement {
  bind(values: readonly SqljsValue[]): boolean
  step(): boolean
  get(params: null, options: { readonly useBigInt: boolean }): SqljsCell[]
  getColumnNames(): string[]
  reset(): boolean
  free(): boolean
}

export interface SqljsDatabase {
  prepare(text: string): SqljsStatement
  export(): Uint8Array
  close(): void
  /** Every call of SQLite's goes through here with its result code; it throws an Error with SQLite's words. */
  handleError(code: number): null
}

export interface SqljsModule {
  readonly Database: new (image?: Uint8Array) => SqljsDatabase
}

export type SqljsValue = null | number | string | Uint8Array
export type SqljsCell = null | number | bigint | string | Uint8Array

/** What `initSqlJs` of sql.js takes. */
export interface SqljsModuleOptions {
  readonly wasmBinary?: ArrayBuffer | Uint8Array
  readonly locateFile?: (file: string) => string
}

/** sql.js's default export. */
export type InitSqljs = (options?: SqljsModuleOptions) => Promise<SqljsModule>
