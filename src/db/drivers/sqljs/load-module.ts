import { DataLayerError } from '../../../errors/index.ts'
import type { InitSqljs, SqljsModule, SqljsModuleOptions } from './sqljs-types.ts'

export interface LoadOptions {
  /** The bytes of `sql-wasm.wasm`. */
  readonly wasm?: ArrayBuffer | Uint8Array
  /** Where sql.js fetches `sql-wasm.wasm` from. */
  readonly locateFile?: (file: string) => string
  /** Gives sql.js's `initSqlJs`; by default the installed package is imported. */
  readonly load?: () => Promise<InitSqljs>
}

/**
 * Starts sql.js, for one driver once.
 *
 * @throws {DataLayerError} `storage-unavailable` when sql.js is not installed or its wasm cannot be had
 */
export async function loadModule({ wasm, locateFile, load = importPackage }: LoadOptions): Promise<SqljsModule> {
  const options: SqljsModuleOptions = {
    ...(wasm === undefined ? {} : { wasmBinary: wasm }),
    ...(locateFile === undefined ? {} : { locateFile }),
  }
  try {
    const init = await load()
    return await init(options)
  } catch (error) {
    throw new DataLayerError(
      'storage-unavailable',
      'sql.js could not be started: is it installed, and its wasm where locateFile says?',
      {
        cause: error,
      },
    )
  }
}

async function importPackage(): Promise<InitSqljs> {
  // @ts-expect-error sql.js ships no types; what is used of it is declared in sqljs-types.ts.
  const module: { default: InitSqljs } = await import('sql.js')
  return module.default
}
