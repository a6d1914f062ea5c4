import { describe, expect, test } from 'vitest'
import type { StorageKind } from 'selfsame/web'
import type { Faults } from './page/faults.ts'
import { useAttempts } from './support/attempts.ts'
import { amount } from './support/browser.ts'

const tab = useAttempts()
const { attempt } = tab

const fill = ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)']
const count = ['SELECT count(*) FROM a']
const isHere = { code: null, rows: [[1]] }

describe('the kind of storage', () => {
  test('is OPFS where a file handle can be opened', async () => {
    expect(await attempt({}, fill)).toMatchObject({
      code: null,
      storage: { kind: 'opfs', durable: true, reason: null },
    })
    expect(await attempt({}, count)).toMatchObject(isHere)
  })

  test.each(['missing', 'refused'] as const)(
    'is IndexedDB where OPFS is %s, and keeps what was written',
    async (opfs) => {
      const expected = { kind: 'indexeddb', durable: true, reason: expect.stringMatching(/file storage/) }
      expect(await attempt({ opfs }, fill)).toMatchObject({ code: null, storage: expected })
      expect(await attempt({ opfs }, count)).toMatchObject({ ...isHere, storage: expected })
    },
  )

  test('is memory, and says so, where the browser keeps nothing', async () => {
    const faults: Faults = { opfs: 'refused', indexedDb: 'refused' }
    expect(await attempt(faults, fill)).toMatchObject({
      code: null,
      storage: { kind: 'memory', durable: false, reason: expect.stringMatching(/Nothing is kept/) },
    })
    expect(await attempt(faults, count)).toMatchObject({ code: 'sqlite' })
  })

  test('stays IndexedDB where it once was, when the browser has learnt OPFS', async () => {
    await attempt({ opfs: 'missing' }, fill)
    expect(await attempt({}, count)).toMatchObject({ ...isHere, storage: { kind: 'indexeddb' } })
  })

  test('is an error, not an empty database, where OPFS is refused today and held the database before', async () => {
    await attempt({}, fill)
    expect(await attempt({ opfs: 'refused' }, count)).toMatchObject({ code: 'storage-unavailable' })
    expect(await attempt({}, count)).toMatchObject(isHere)
  })
})

describe('the wasm', () => {
  test('is compiled while it comes in', async () => {
    expect(await attempt({ wasm: ['bytes'] }, fill)).toMatchObject({ code: null })
    expect(await attempt({ wasm: ['stream', 'bytes'] }, fill)).toMatchObject({ code: 'storage-unavailable' })
  })
})

describe('the browser’s promise to keep the storage', () => {
  const askedAfter = (statements: readonly string[], persist?: boolean) =>
    tab.page.evaluate(
      async ({ texts, persist: may }) => {
        let asked = 0
        navigator.storage.persist = () => {
          asked += 1
          return Promise.resolve(true)
        }
        const name = crypto.randomUUID()
        const connection = await selfsame.webDriver({ name, ...(may === undefined ? {} : { persist: may }) }).open()
        const session = await connection.reserve()
        for (const text of texts) await session.run([{ text, params: [] }])
        await session.release()
        await connection.close()
        // The driver looks first whether it was given before.
        await navigator.storage.persisted()
        return asked
      },
      { texts: statements, persist },
    )

  test('is asked for once, after the first write: before it there is nothing to keep', async () => {
    expect(await askedAfter(['SELECT 1'])).toBe(0)
    expect(await askedAfter(['SELECT 1', ...fill])).toBe(1)
  })

  test('is not asked for where the app asks itself, and is told with the room that is used', async () => {
    expect(await askedAfter(fill, false)).toBe(0)
    const usage = await tab.page.evaluate(() => selfsame.storageUsage())
    expect(usage).toEqual({ usage: expect.any(Number), quota: expect.any(Number), persisted: false })
    expect(usage!.usage).toBeGreaterThan(0)
    expect(usage!.quota).toBeGreaterThan(usage!.usage)
  })
})

describe('IndexedDB, which says where the database is,', () => {
  test.each([['opfs'], ['indexeddb']] as const)('is tried again when it fails (database in %s)', async (kind) => {
    await attempt(kind === 'opfs' ? {} : { opfs: 'missing' }, fill)
    expect(await attempt({ indexedDb: { failures: 3 } }, count)).toMatchObject({ ...isHere, storage: { kind } })
  })

  test('is not taken for missing: what lives elsewhere is not hidden by an empty database', async () => {
    await attempt({ opfs: 'missing' }, fill)
    for (const indexedDb of ['refused', { failures: 1e9 }] as const) {
      expect(await attempt({ indexedDb }, count)).toMatchObject({ code: 'storage-unavailable' })
    }
    expect(await attempt({}, count)).toMatchObject(isHere)
  })

  test('may be refused where the files are there', async () => {
    await attempt({}, fill)
    expect(await attempt({ indexedDb: 'refused' }, count)).toMatchObject({ ...isHere, storage: { kind: 'opfs' } })
  })
})

test('the kinds of storage are tried in the order that the app gives', async () => {
  const storage: StorageKind[] = ['indexeddb', 'opfs', 'memory']
  expect(await attempt({}, fill, { storage })).toMatchObject({ code: null, storage: { kind: 'indexeddb' } })
})

test('nothing is left where files are refused', async () => {
  await attempt({ opfs: 'refused' }, fill)
  const files = await tab.page.evaluate(async () => {
    const names: string[] = []
    for await (const [name] of await navigator.storage.getDirectory()) names.push(name)
    return names
  })
  expect(files).toEqual([])
})

test('a site whose storage the user has switched off is told so', async () => {
  expect(await attempt({ locks: 'refused' }, fill)).toMatchObject({ code: 'storage-unavailable' })
})

test('a worker that may not be started is storage-unavailable', async () => {
  const code = await tab.page.evaluate(() =>
    selfsame
      .webDriver({ name: 'app', worker: () => new Worker('https://elsewhere.example/worker.js') })
      .open()
      .catch((error: { code: string }) => error.code),
  )
  expect(code).toBe('storage-unavailable')
})

describe('a file handle that cannot be opened', () => {
  test.each(['InvalidStateError', 'NoModificationAllowedError'])('is tried again: %s', async (failure) => {
    const openAfter = async (times: number) => {
      const name = `fails ${times} times`
      await attempt({}, fill, { name })
      return attempt({ openFailures: { times, name: failure } }, count, { name })
    }
    // Each of the first attempts fails somewhere else: the probe, then the pool's files.
    const opened = await Promise.all([1, 2, 3, 5, 7, 8].map(openAfter))
    for (const each of opened) expect(each).toMatchObject({ ...isHere, storage: { kind: 'opfs' } })
  })

  test('for good is an error by its cause, and the database is kept', async () => {
    const causes = { InvalidStateError: 'storage-unavailable', NoModificationAllowedError: 'storage-in-use' }
    await Promise.all(
      Object.entries(causes).map(async ([name, code]) => {
        await attempt({}, fill, { name })
        expect(await attempt({ openFailures: { times: 1e9, name } }, count, { name })).toMatchObject({ code })
        expect(await attempt({}, count, { name })).toMatchObject(isHere)
      }),
    )
  })
})

describe('a statement that would make another file', () => {
  test.each([
    ['ATTACH', 'opfs', `ATTACH 'other.db' AS other`],
    ['VACUUM INTO', 'opfs', `VACUUM INTO 'copy.db'`],
    ['ATTACH', 'indexeddb', `ATTACH 'other.db' AS other`],
  ] as const)('(%s in %s) is refused, and the database opens again', async (_, kind, text) => {
    const storage = [kind]
    expect(await attempt({}, [...fill, 'VACUUM', text], { storage })).toMatchObject({ code: 'sqlite', done: 3 })
    expect(await attempt({}, count, { storage })).toMatchObject(isHere)
  })

  test.each(['opfs', 'indexeddb'] as const)('(journal_mode = WAL in %s) loses no commit after it', async (kind) => {
    const storage = [kind]
    const [create, insert] = fill as [string, string]
    const set = ['PRAGMA locking_mode = EXCLUSIVE', 'PRAGMA journal_mode = WAL']
    const mode = kind === 'opfs' ? 'wal' : 'memory'
    expect(await attempt({}, [create, ...set], { storage })).toMatchObject({ code: null, rows: [[mode]] })
    expect(await attempt({}, [...set, insert], { storage })).toMatchObject({ code: null })
    expect(await attempt({}, count, { storage })).toMatchObject(isHere)
  })
})

describe('a full storage', () => {
  const grow = 'INSERT INTO a SELECT randomblob(3000) FROM (SELECT 1 UNION SELECT 2 UNION SELECT 3)'

  const check = `SELECT (SELECT count(*) FROM a), (SELECT group_concat(integrity_check) FROM pragma_integrity_check)`

  /** Fills a database until its quota is met at a place of its own, and looks at what is there afterwards. */
  async function meetQuota(faults: Faults, storage: readonly StorageKind[]): Promise<{ refused: boolean }> {
    const options = { storage, name: JSON.stringify(faults) }
    await attempt({}, fill, options)
    const result = await attempt(faults, [grow, grow], options)
    if (result.code !== null) expect(result).toMatchObject({ code: 'no-space' })
    expect(await attempt({}, [check], options)).toMatchObject({ code: null, rows: [[1 + 3 * result.done, 'ok']] })
    return { refused: result.code !== null }
  }

  test.each([
    [
      'write of OPFS',
      'opfs',
      'quotaAtWrite',
      amount(
        [3, 9, 10, 14],
        Array.from({ length: 40 }, (_, n) => n + 1),
      ),
    ],
    [
      'save of IndexedDB',
      'indexeddb',
      'quotaAtSave',
      amount(
        [2, 3, 5],
        Array.from({ length: 15 }, (_, n) => n + 2),
      ),
    ],
  ] as const)(
    'is no-space at every %s; what was committed is there, and nothing that was refused',
    async (_, storage, fault, places) => {
      let refusals = 0
      for (const place of places) refusals += Number((await meetQuota({ [fault]: place }, [storage])).refused)
      process.stdout.write(
        `${storage}: quota met at ${places.length} places: ${refusals} commits refused, none of them there afterwards\n`,
      )
      expect(refusals).toBeGreaterThan(places.length / 3)
    },
    300_000,
  )

  test('can still be read, in IndexedDB too, and written to when there is room again', async () => {
    const storage = ['indexeddb'] as const
    await attempt({}, fill, { storage })
    expect(await attempt({ quotaAtSave: 1 }, count, { storage })).toMatchObject(isHere)
    const answers = await tab.page.evaluate(async () => {
      const options = { name: 'app', storage: ['indexeddb'] as const, persist: false }
      const connection = await selfsame.faultyDriver(options, { quotaAtSave: 2 }).open()
      const run = (text: string) =>
        connection.run([{ text, params: [] }]).then(
          ([result]) => result?.rows,
          (error: { code: string }) => error.code,
        )
      const heard = [await run('INSERT INTO a VALUES (2)'), await run('SELECT count(*) FROM a')]
      await connection.close()
      return heard
    })
    expect(answers).toEqual(['no-space', [[1]]])
    expect(await attempt({}, ['INSERT INTO a VALUES (2)', ...count], { storage })).toMatchObject({ rows: [[2]] })
  })
})
