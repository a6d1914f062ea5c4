import { readForeignStore, requested } from './foreign-store.ts'

/** What a database was called in the storage that an earlier version of an app used. */
export interface OlderNames {
  /** In `indexedDbStore(name)` of `selfsame/sqljs`. */
  readonly sqljs?: string
  /** In the web half of `@capacitor-community/sqlite` (jeep-sqlite), without its `SQLite.db`. */
  readonly jeep?: string
  /** The file's name in absurd-sql, for example `db.sqlite`. */
  readonly absurd?: string
}

/** One place where an earlier version of an app may have left its database. */
export interface OlderStorage {
  /** As the tombstone and the status name it. */
  readonly place: string
  /** The Web Lock that its owner holds while it is in use. */
  readonly lock?: string
  /** The bytes of the database file; `undefined` when there is none. */
  read(): Promise<Uint8Array | undefined>
}

/** The places to look in, in this order. */
export function olderStorages(name: string, names: OlderNames): OlderStorage[] {
  const { sqljs = name, jeep = name.replace(/\.db$/, ''), absurd = `${name}.sqlite` } = names
  return [
    {
      place: `indexedDbStore:${sqljs}`,
      lock: `selfsame:${sqljs}`,
      read: async () => {
        const saved = await readForeignStore(`selfsame:${sqljs}`, 'images', (store) =>
          requested(store.get('present') as IDBRequest<{ image?: unknown } | undefined>),
        )
        return asImage(saved?.image)
      },
    },
    {
      place: `jeep-sqlite:${jeep}`,
      read: async () =>
        asImage(
          await readForeignStore('jeepSqliteStore', 'databases', (store) => requested(store.get(`${jeep}SQLite.db`))),
        ),
    },
    { place: `absurd-sql:${absurd}`, read: () => readAbsurdFile(absurd) },
  ]
}

/** absurd-sql keeps each file as an IndexedDB database: blocks by number, and the size at -1. */
async function readAbsurdFile(file: string): Promise<Uint8Array | undefined> {
  return readForeignStore(file.replaceAll('/', '-'), 'data', async (store) => {
    const [meta, keys, blocks] = await Promise.all([
      requested(store.get(-1) as IDBRequest<{ size?: number } | undefined>),
      requested(store.getAllKeys(IDBKeyRange.lowerBound(0))),
      requested(store.getAll(IDBKeyRange.lowerBound(0)) as IDBRequest<unknown[]>),
    ])
    const first = asImage(blocks[0])
    if (meta?.size === undefined || !first) return undefined
    const image = new Uint8Array(meta.size)
    blocks.forEach((block, index) => {
      const bytes = asImage(block)
      const start = Number(keys[index]) * first.length
      if (bytes && start < image.length) image.set(bytes.subarray(0, image.length - start), start)
    })
    return image
  })
}

function asImage(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value.length > 0 ? value : undefined
  return value instanceof ArrayBuffer && value.byteLength > 0 ? new Uint8Array(value) : undefined
}
