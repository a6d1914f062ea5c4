import type { StoredCopy } from '../../driver.ts'

/** Where the driver keeps the whole database as one image. */
export interface ImageStore {
  /**
   * Takes the store for one owner until `release`.
   *
   * @throws {DataLayerError} `storage-in-use` with `details.holder` and `details.since`
   */
  acquire?(): Promise<{ release(): Promise<void> }>
  /** The image saved last; `null` when there is none yet. */
  load(): Promise<Uint8Array | null>
  /** Replaces the image, whole or not at all, and resolves when it is durable. */
  save(image: Uint8Array): Promise<void>
  readonly copies?: ImageCopies
}

/** Other images beside the present one: what backups are made of. */
export interface ImageCopies {
  write(image: Uint8Array, name?: string): Promise<StoredCopy>
  /** Newest first. */
  list(): Promise<(StoredCopy & { readonly writtenAt: string })[]>
  /** `null` when there is no such copy. */
  read(location: string): Promise<Uint8Array | null>
  remove(location: string): Promise<void>
}
