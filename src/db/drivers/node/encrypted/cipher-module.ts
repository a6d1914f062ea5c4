import { DataLayerError } from '../../../../errors/index.ts'

/** What is used of a statement of better-sqlite3-multiple-ciphers. */
export interface CipherStatement {
  readonly reader: boolean
  raw(enabled: boolean): this
  safeIntegers(enabled: boolean): this
  all(...params: unknown[]): unknown[]
  iterate(...params: unknown[]): IterableIterator<unknown>
  run(...params: unknown[]): unknown
  columns(): readonly { readonly name: string }[]
}

/** What is used of a database of better-sqlite3-multiple-ciphers. */
export interface CipherHandle {
  readonly inTransaction: boolean
  prepare(text: string): CipherStatement
  pragma(text: string): unknown
  key(key: Uint8Array): number
  exec(text: string): unknown
  serialize(): Uint8Array
  close(): unknown
}

export type CipherModule = new (
  path: string,
  options: { readonly readonly: boolean; readonly fileMustExist: boolean; readonly timeout: number },
) => CipherHandle

/**
 * Loads the engine that encrypts, which an app without encryption does not install.
 *
 * @throws {DataLayerError} `unsupported` when it is not there, or not for this machine
 */
export async function loadCipherModule(): Promise<CipherModule> {
  try {
    // @ts-expect-error: its manifest names no types for its module
    const loaded = (await import('better-sqlite3-multiple-ciphers')) as { default: unknown }
    return loaded.default as CipherModule
  } catch (error) {
    throw new DataLayerError('unsupported', 'Encrypted databases need better-sqlite3-multiple-ciphers: install it.', {
      cause: error,
    })
  }
}
