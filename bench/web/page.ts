// What the browser does in the benchmark of durable commits. Each of these commits one row of a database of about 10 MB.
import { sqljsDriver } from 'selfsame/sqljs'
import { webDriver } from 'selfsame/web'
import sqljsWasm from 'sql.js/dist/sql-wasm-browser.wasm?url'

const rows = 20_000
const setUp = [
  'CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER, filler TEXT)',
  `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows})
   INSERT INTO a SELECT i, 0, hex(randomblob(230)) FROM c`,
]
const update = 'UPDATE a SET n = n + 1 WHERE id = ?'
type Commit = (id: number) => Promise<unknown>

/** Opens the shared database in this tab; the first tab fills it and owns it. */
async function openOurs(fill: boolean): Promise<Commit> {
  const connection = await webDriver({ name: 'bench', persist: false }).open()
  if (fill) for (const text of setUp) await connection.run([{ text, params: [] }])
  return (id) => connection.run([{ text: update, params: [id] }])
}

async function openBare(): Promise<Commit> {
  const worker = new Worker(new URL('./bare-worker.ts', import.meta.url), { type: 'module' })
  const ask = (message: object) =>
    new Promise((resolve) => {
      worker.addEventListener('message', resolve, { once: true })
      worker.postMessage(message)
    })
  const pragmas = ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON']
  await ask({ open: 'bare', setUp: [...pragmas.map((pragma) => `PRAGMA ${pragma}`), ...setUp] })
  return (n) => ask({ n })
}

/**
 * What the web half of `@capacitor-community/sqlite` does for a durable commit: the whole image into IndexedDB, removed
 * first and then set, by two transactions. Written from its behaviour; the package itself needs a page of its own.
 */
async function openWholeImage(): Promise<Commit> {
  const connection = await sqljsDriver({ locateFile: () => sqljsWasm }).open()
  for (const text of setUp) await connection.run([{ text, params: [] }])
  const stored = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('wholeImage')
    request.onupgradeneeded = () => request.result.createObjectStore('databases')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const change = (act: (store: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const transaction = stored.transaction('databases', 'readwrite')
      act(transaction.objectStore('databases'))
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
  return async (id) => {
    await connection.run([{ text: update, params: [id] }])
    const image = await connection.export()
    await change((store) => store.delete('app'))
    await change((store) => store.put(image, 'app'))
  }
}

/** Milliseconds for each of `times` commits of random rows. */
async function time(commit: Commit, times: number): Promise<number> {
  const started = performance.now()
  for (let done = 0; done < times; done += 1) await commit(1 + Math.floor(Math.random() * rows))
  return (performance.now() - started) / times
}

const commits: Record<string, Commit> = {}

const bench = {
  open: async (subject: 'owner' | 'other' | 'bare' | 'image') => {
    if (subject === 'bare') commits[subject] = await openBare()
    else if (subject === 'image') commits[subject] = await openWholeImage()
    else commits[subject] = await openOurs(subject === 'owner')
  },
  time: (subject: string, times: number) => time(commits[subject]!, times),
}

export type Bench = typeof bench
Object.assign(globalThis, { bench })
