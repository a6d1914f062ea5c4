import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StorageKind } from 'selfsame/web'
import type { Faults } from './page/faults.ts'
import { amount } from './support/browser.ts'
import { useBrowser } from './support/shared.ts'

const shared = useBrowser()
let page: Page

beforeEach(async () => {
  page = await shared.tab()
})

/** Opens the database under faults, runs statements until one fails; says how it went and what the storage was. */
function attempt(
  faults: Faults,
  texts: readonly string[],
  { storage, name = 'app' }: { storage?: readonly StorageKind[]; name?: string } = {},
) {
  return page.evaluate(
    async ({ faults: wrong, texts: statements, storage: kinds, name: database }) => {
      const options = { name: database, persist: false, ...(kinds ? { storage: kinds } : {}) }
      const driver = Object.keys(wrong).length > 0 ? selfsame.faultyDriver(options, wrong) : selfsame.webDriver(options)
      let connection: Awaited<ReturnType<typeof driver.open>> | undefined
      let done = 0
      try {
        connection = await driver.open()
        let rows: unknown
        for (const text of statements) {
          rows = (await connection.run([{ text, params: [] }]))[0]?.rows
          done += 1
        }
        return { code: null, done, rows, storage: connection.storage }
      } catch (error) {
        const { code, message, details } = error as { code: string; message: string; details?: unknown }
        return { code, message, details, done, storage: connection?.storage }
      } finally {
        await connection?.close()
      }
    },
    { faults, texts, storage, name },
  )
}

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
      storage: { kind: 'memory', durable: false, reason: expect.stringMatching(/nothing is kept/) },
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
    page.evaluate(
      async ({ texts, persist: may }) => {
        let asked = 0
        navigator.storage.persist = () => {
          asked += 1
          return Promise.resolve(true)
        }
        const name = crypto.randomUUID()
        const connection = await selfsame.webDriver({ name, ...(may === undefined ? {} : { persist: may }) }).open()
        for (const text of texts) await connection.run([{ text, params: [] }])
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
    const usage = await page.evaluate(() => selfsame.storageUsage())
    expect(usage).toEqual({ usage: expect.any(Number), quota: expect.any(Number), persisted: false })
    expect(usage!.usage).toBeGreaterThan(0)
    expect(usage!.quota).toBeGreaterThan(usage!.usage)
  })
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
    const set = 'PRAGMA journal_mode = WAL'
    const mode = kind === 'opfs' ? 'wal' : 'memory'
    expect(await attempt({}, [create, set], { storage })).toMatchObject({ code: null, rows: [[mode]] })
    expect(await attempt({}, [set, insert], { storage })).toMatchObject({ code: null })
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
        [3, 6, 9, 10, 12, 14],
        Array.from({ length: 40 }, (_, n) => n + 1),
      ),
    ],
    [
      'save of IndexedDB',
      'indexeddb',
      'quotaAtSave',
      amount(
        [2, 3, 5, 8],
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
})

describe('a damaged file', () => {
  /** Changes the pool's file that holds the database, or adds one to it. */
  function damage(how: 'half' | 'head only' | 'header' | 'content' | 'foreign file' | 'gone') {
    return page.evaluate(async (kind) => {
      const root = await navigator.storage.getDirectory()
      const folder = await root.getDirectoryHandle('.selfsame')
      const pool = await (
        await (await folder.getDirectoryHandle('app')).getDirectoryHandle('pool')
      ).getDirectoryHandle('.opaque')
      if (kind === 'foreign file') {
        const stream = await (await pool.getFileHandle('holiday.jpg', { create: true })).createWritable()
        await stream.write(new Uint8Array(9000).fill(77))
        await stream.close()
        return
      }
      for await (const [name, handle] of pool) {
        const file = await (handle as FileSystemFileHandle).getFile()
        const path = new TextDecoder().decode(new Uint8Array(await file.slice(0, 10).arrayBuffer()))
        if (path !== '/database\0') continue
        if (kind === 'gone') {
          await pool.removeEntry(name)
          return
        }
        const stream = await (handle as FileSystemFileHandle).createWritable({ keepExistingData: true })
        if (kind === 'half') await stream.truncate(4096 + 3 * 4096)
        if (kind === 'head only') await stream.truncate(300)
        if (kind === 'header') await stream.write({ type: 'write', position: 520, data: new Uint8Array(4) })
        if (kind === 'content')
          await stream.write({ type: 'write', position: 4096, data: new Uint8Array(100).fill(65) })
        await stream.close()
      }
    }, how)
  }

  const large = [
    'CREATE TABLE a (n)',
    'WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200) INSERT INTO a SELECT randomblob(500) FROM c',
    // What waits in the WAL would mend the file.
    'PRAGMA wal_checkpoint(TRUNCATE)',
  ]

  test.each([
    ['half', 'corrupt'],
    ['head only', 'corrupt'],
    ['header', 'corrupt'],
    ['content', 'not-a-database'],
    ['foreign file', 'corrupt'],
    ['gone', 'corrupt'],
  ] as const)('(%s) is %s, and nothing is thrown away', async (how, code) => {
    await attempt({}, large)
    await damage(how)
    const before = await poolContent()
    expect(await attempt({}, ['SELECT max(length(n)) FROM a', 'SELECT sum(length(n)) FROM a'])).toMatchObject({ code })
    expect(await poolContent()).toEqual(before)
  })

  /** Sizes and beginnings of the files that hold something. */
  function poolContent() {
    return page.evaluate(async () => {
      const root = await navigator.storage.getDirectory()
      const folder = await root.getDirectoryHandle('.selfsame')
      const pool = await (
        await (await folder.getDirectoryHandle('app')).getDirectoryHandle('pool')
      ).getDirectoryHandle('.opaque')
      const found: string[] = []
      for await (const [name, handle] of pool) {
        const file = await (handle as FileSystemFileHandle).getFile()
        if (file.size > 4096 || name === 'holiday.jpg') {
          const digest = await crypto.subtle.digest('SHA-256', await file.slice(4096).arrayBuffer())
          found.push(`${name} ${file.size} ${[...new Uint8Array(digest)].join('')}`)
        }
      }
      return found.toSorted()
    })
  }
})

describe('copies and bytes', () => {
  test.each(['opfs', 'indexeddb'] as const)(
    'an imported file replaces the content, which is kept; a bad one does not (%s)',
    async (kind) => {
      const answer = await page.evaluate(async (storage) => {
        const connection = await selfsame.webDriver({ name: 'bytes', storage: [storage], persist: false }).open()
        const run = async (text: string) => (await connection.run([{ text, params: [] }]))[0]?.rows
        await run('CREATE TABLE a (n)')
        await run('INSERT INTO a VALUES (1)')
        const image = await connection.export()
        await run('INSERT INTO a VALUES (2)')
        const restored = await connection.copies!.import!(image)
        const afterImport = await run('SELECT n FROM a')
        await connection.copies!.restore(restored.undo)
        const afterUndo = await run('SELECT n FROM a')
        const refused: string[] = []
        const damaged = image.slice()
        damaged.fill(255, 4096)
        for (const bad of [new Uint8Array(5000).fill(7), damaged]) {
          refused.push(
            await connection.copies!.import!(bad).then(
              () => 'taken',
              (error: { code: string }) => error.code,
            ),
          )
        }
        return { afterImport, afterUndo, refused, left: await run('SELECT n FROM a') }
      }, kind)
      expect(answer).toEqual({
        afterImport: [[1]],
        afterUndo: [[1], [2]],
        refused: ['not-a-database', 'corrupt'],
        left: [[1], [2]],
      })
    },
  )
})
