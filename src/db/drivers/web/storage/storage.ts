import type { StoredCopy } from '../../../driver.ts'
import type { WasmDatabase } from '../engine/wasm-database.ts'

/** Where a database is kept: files of the origin (OPFS), pages in IndexedDB, or nowhere. */
export type StorageKind = 'opfs' | 'indexeddb' | 'memory'

/** One database in its storage, opened by the one tab that owns it. */
export interface Storage {
  readonly kind: StorageKind
  /** Why a better kind was not used; `null` where there is none. */
  readonly reason: string | null
  /** The open database: another one after a save that failed and was undone. */
  readonly database: WasmDatabase
  /** Resolves when everything committed so far would survive. Called outside a transaction. */
  settle(): Promise<void>
  /**
   * A failure of the engine, with what the storage knows of its cause.
   *
   * @param noCommit whether what failed cannot have left a commit in the WAL
   */
  explain(error: unknown, noCommit?: boolean): unknown
  readonly copies?: CopyStore
  close(): Promise<void>
}

/** Whole images beside the database. */
export interface CopyStore {
  /** Resolves when the image is durable. */
  write(name: string, image: Uint8Array): Promise<void>
  /** `undefined` when there is no finished copy of that name. */
  read(name: string): Promise<Uint8Array | undefined>
  list(): Promise<(StoredCopy & { readonly writtenAt: string })[]>
  remove(name: string): Promise<void>
}
