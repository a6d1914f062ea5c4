import type { DiskEvent } from './recording-disk.ts'

/** The files that are there when the power comes back, by name. */
export type CrashImage = ReadonlyMap<string, Uint8Array>

type Change = Extract<DiskEvent, { type: 'write' | 'truncate' }>
type NameChange = Extract<DiskEvent, { type: 'create' | 'delete' }>

interface DiskFile {
  durable: Uint8Array
  /** What was done since the last sync, in order. */
  pending: Change[]
}

/** The smallest piece that a disk writes. */
const sector = 512

/**
 * A disk with a write-back cache, as of some event. What was synced is there. Of what was not, each sector may have been
 * written or not, in any order, or in part; a file may have grown without its content, with zeros or with whatever was
 * there before; and a name may have been made or deleted, or not yet.
 */
export class WriteBackDisk {
  readonly #files = new Map<number, DiskFile>()
  readonly #names = new Map<string, number>()
  #pendingNames: NameChange[] = []

  apply(event: DiskEvent): void {
    if (event.type === 'create') {
      this.#files.set(event.file, { durable: new Uint8Array(0), pending: [] })
      this.#pendingNames.push(event)
    } else if (event.type === 'delete') this.#pendingNames.push(event)
    else if (event.type === 'sync-names') this.#syncNames()
    else if (event.type === 'sync') this.#sync(event.file)
    else if (event.type !== 'acknowledge') this.#files.get(event.file)!.pending.push(event)
  }

  /** Everything so far is on the disk. */
  syncAll(): void {
    for (const file of this.#files.keys()) this.#sync(file)
    this.#syncNames()
  }

  /** What may be there after the power was lost now: one of very many possibilities. */
  lose(random: () => number): CrashImage {
    // Sometimes nearly everything got through, sometimes nearly nothing: the mistakes are found at different ends.
    const luck: Luck = {
      kept: pick(random, [0, 0.05, 0.3, 0.5, 0.7, 0.95, 1]),
      torn: pick(random, [0, 0.05, 0.3]),
      random,
    }
    const names = new Map(this.#names)
    for (const change of this.#pendingNames) {
      // Names of one directory go to its journal in order; those of different ones need not.
      if (random() >= luck.kept) continue
      if (change.type === 'create') names.set(change.name, change.file)
      else names.delete(change.name)
    }
    return new Map([...names].map(([name, file]) => [name, loseContent(this.#files.get(file)!, luck)]))
  }

  #sync(file: number): void {
    const it = this.#files.get(file)!
    it.durable = it.pending.reduce((bytes, change) => applyWhole(bytes, change), it.durable)
    it.pending = []
  }

  #syncNames(): void {
    for (const change of this.#pendingNames) {
      if (change.type === 'create') this.#names.set(change.name, change.file)
      else this.#names.delete(change.name)
    }
    this.#pendingNames = []
  }
}

interface Luck {
  readonly kept: number
  readonly torn: number
  readonly random: () => number
}

function loseContent({ durable, pending }: DiskFile, { kept, torn, random }: Luck): Uint8Array {
  let bytes = pending.length === 0 ? durable : durable.slice()
  const grows = random() < 0.5
  const garbage = random() < 0.5
  for (const change of pending) {
    if (change.type === 'truncate') {
      if (random() < kept) bytes = resize(bytes, change.size, false, random)
      continue
    }
    const end = change.offset + change.bytes.length
    if (grows && end > bytes.length) bytes = resize(bytes, end, garbage, random)
    for (let from = change.offset; from < end;) {
      const to = Math.min(end, (Math.floor(from / sector) + 1) * sector)
      if (random() < kept) {
        let [first, last] = [from, to]
        // A sector is written from one end to the other, and the power may go in between.
        if (random() < torn) {
          const cut = from + Math.floor(random() * (to - from))
          if (random() < 0.5) last = cut
          else first = cut
        }
        if (last > bytes.length) bytes = resize(bytes, last, garbage, random)
        bytes.set(change.bytes.subarray(first - change.offset, last - change.offset), first)
      }
      from = to
    }
  }
  return bytes
}

function applyWhole(bytes: Uint8Array, change: Change): Uint8Array {
  if (change.type === 'truncate') return resize(bytes, change.size, false, () => 0)
  const end = change.offset + change.bytes.length
  const result = end > bytes.length ? resize(bytes, end, false, () => 0) : bytes.slice()
  result.set(change.bytes, change.offset)
  return result
}

function resize(bytes: Uint8Array, size: number, garbage: boolean, random: () => number): Uint8Array {
  const result = new Uint8Array(size)
  result.set(bytes.subarray(0, size))
  if (garbage) for (let index = bytes.length; index < size; index += 1) result[index] = Math.floor(random() * 256)
  return result
}

function pick<T>(random: () => number, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!
}
