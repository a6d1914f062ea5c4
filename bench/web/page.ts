// What the browser does in the benchmark of durable commits. Each of these commits one row of a database of about 10 MB.
import { defineCustomElement } from 'jeep-sqlite/dist/components/jeep-sqlite.js'
import { webDriver } from 'selfsame/web'

const rows = 20_000
const setUp = [
  'CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER, filler TEXT)',
  `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows})
   INSERT INTO a SELECT i, 0, hex(randomblob(230)) FROM c`,
]
const update = 'UPDATE a SET n = n + 1 WHERE id = ?'

/** What is used of the custom element, whose own types speak of its framework's. */
interface JeepSqlite {
  isStoreOpen(): Promise<boolean>
  createConnection(options: { database: string; version: number }): Promise<void>
  open(options: { database: string }): Promise<void>
  run(options: { database: string; statement: string; values: unknown[]; transaction: boolean }): Promise<unknown>
  saveToStore(options: { database: string }): Promise<void>
}

type Commit = (id: number) => Promise<unknown>

/** Opens the shared database in this tab; the first tab fills it and owns it. */
async function openOurs({ fill, synchronous }: { fill: boolean; synchronous: 'FULL' | 'NORMAL' }): Promise<Commit> {
  const connection = await webDriver({ name: `bench ${synchronous}`, synchronous, persist: false }).open()
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

/** The web half of `@capacitor-community/sqlite`: a commit is durable when the whole image is in its store. */
async function openJeep(): Promise<Commit> {
  defineCustomElement()
  const jeep = document.createElement('jeep-sqlite') as unknown as JeepSqlite
  document.body.append(jeep as unknown as Node)
  while (!(await jeep.isStoreOpen())) await new Promise((resolve) => setTimeout(resolve, 10))
  const database = 'bench'
  await jeep.createConnection({ database, version: 1 })
  await jeep.open({ database })
  for (const statement of setUp) await jeep.run({ database, statement, values: [], transaction: false })
  return async (id) => {
    await jeep.run({ database, statement: update, values: [id], transaction: false })
    await jeep.saveToStore({ database })
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
  open: async (subject: 'owner' | 'other' | 'normal' | 'bare' | 'jeep') => {
    if (subject === 'bare') commits[subject] = await openBare()
    else if (subject === 'jeep') commits[subject] = await openJeep()
    else {
      const synchronous = subject === 'normal' ? 'NORMAL' : 'FULL'
      commits[subject] = await openOurs({ fill: subject !== 'other', synchronous })
    }
  },
  time: (subject: string, times: number) => time(commits[subject]!, times),
}

export type Bench = typeof bench
Object.assign(globalThis, { bench })
