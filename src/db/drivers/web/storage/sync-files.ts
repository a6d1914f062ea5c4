/** A file handle whose calls are done when they return. Declared here: TypeScript knows it only where there is no DOM. */
export interface SyncFile {
  read(target: Uint8Array, options: { readonly at: number }): number
  write(source: Uint8Array, options: { readonly at: number }): number
  truncate(size: number): void
  flush(): void
  close(): void
}

export function openSyncFile(file: FileSystemFileHandle): Promise<SyncFile> {
  return (file as FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncFile> }).createSyncAccessHandle()
}

/** The methods of every such handle; `undefined` in a browser that has none. */
export function syncFileMethods(): SyncFile | undefined {
  return (globalThis as { FileSystemSyncAccessHandle?: { prototype: SyncFile } }).FileSystemSyncAccessHandle?.prototype
}
