/** One thing that reached the operating system, in the order it did. Files are known by a number: names are given anew. */
export type DiskEvent =
  | { readonly type: 'create'; readonly name: string; readonly file: number }
  | { readonly type: 'write'; readonly file: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'truncate'; readonly file: number; readonly size: number }
  /** The file's content is on the disk. */
  | { readonly type: 'sync'; readonly file: number }
  | { readonly type: 'delete'; readonly name: string }
  /** The names made and deleted so far are on the disk. */
  | { readonly type: 'sync-names' }
  /** The engine has told its caller that a commit is done: from here on `state` may not be lost. */
  | { readonly type: 'acknowledge'; readonly state: number }

interface OpenFile {
  readonly file: number
  bytes: Uint8Array
  size: number
  /** Whether the first sync has to make the name durable too, as SQLite's unix VFS does for journals and WALs. */
  nameIsNew: boolean
}

/** A disk in memory that answers like one that never fails, and keeps a list of everything that was done to it. */
export class RecordingDisk {
  readonly events: DiskEvent[] = []
  readonly #names = new Map<string, OpenFile>()
  #next = 1

  has(name: string): boolean {
    // SQLite's unix VFS too takes an empty file for none.
    return (this.#names.get(name)?.size ?? 0) > 0
  }

  open(
    name: string,
    { create, syncName }: { readonly create: boolean; readonly syncName: boolean },
  ): RecordedFile | undefined {
    let open = this.#names.get(name)
    if (!open) {
      if (!create) return undefined
      open = { file: this.#next, bytes: new Uint8Array(4096), size: 0, nameIsNew: syncName }
      this.#next += 1
      this.#names.set(name, open)
      this.events.push({ type: 'create', name, file: open.file })
    }
    return new RecordedFile(this, open)
  }

  delete(name: string, syncNames: boolean): void {
    if (!this.#names.delete(name)) return
    this.events.push({ type: 'delete', name })
    if (syncNames) this.events.push({ type: 'sync-names' })
  }
}

export class RecordedFile {
  readonly #disk: RecordingDisk
  readonly #open: OpenFile

  constructor(disk: RecordingDisk, open: OpenFile) {
    this.#disk = disk
    this.#open = open
  }

  get size(): number {
    return this.#open.size
  }

  /** Fills the target; what lies beyond the end is zeros. Answers whether all of it was there. */
  read(target: Uint8Array, offset: number): boolean {
    const there = this.#open.bytes.subarray(offset, Math.min(offset + target.length, this.#open.size))
    target.set(there)
    target.fill(0, there.length)
    return there.length === target.length
  }

  write(source: Uint8Array, offset: number): void {
    const open = this.#open
    const end = offset + source.length
    if (end > open.bytes.length) {
      const larger = new Uint8Array(Math.max(end, open.bytes.length * 2))
      larger.set(open.bytes.subarray(0, open.size))
      open.bytes = larger
    }
    open.bytes.set(source, offset)
    open.size = Math.max(open.size, end)
    this.#disk.events.push({ type: 'write', file: open.file, offset, bytes: source.slice() })
  }

  truncate(size: number): void {
    const open = this.#open
    open.bytes.fill(0, Math.min(size, open.size), open.size)
    open.size = size
    this.#disk.events.push({ type: 'truncate', file: open.file, size })
  }

  sync(): void {
    const open = this.#open
    this.#disk.events.push({ type: 'sync', file: open.file })
    if (open.nameIsNew) this.#disk.events.push({ type: 'sync-names' })
    open.nameIsNew = false
  }
}
