import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { useBrowser } from './support/shared.ts'

const shared = useBrowser()
let page: Page

beforeEach(async () => {
  page = await shared.tab()
})

type Older = 'sqljs' | 'jeep' | 'absurd'

/** Leaves a database of 500 rows as an older web storage did; answers a digest of that storage. */
function leave(where: Older, damaged = false): Promise<void> {
  return page.evaluate(
    async ({ where: place, damaged: isDamaged }) => {
      const store = place === 'sqljs' ? { store: selfsame.indexedDbStore('app') } : {}
      const connection = await selfsame.sqljsDriver(store).open()
      const rows = 'WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 500)'
      for (const text of ['CREATE TABLE a (n, b)', `${rows} INSERT INTO a SELECT n, randomblob(50) FROM c`]) {
        await connection.run([{ text, params: [] }])
      }
      const image = await connection.export()
      await connection.close()
      if (isDamaged) image.fill(255, 4096, 12_000)
      const put = (database: string, objects: string, entries: [IDBValidKey, unknown][]) =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.open(database)
          request.onupgradeneeded = () => request.result.createObjectStore(objects)
          request.onsuccess = () => {
            const transaction = request.result.transaction(objects, 'readwrite')
            for (const [key, value] of entries) transaction.objectStore(objects).put(value, key)
            transaction.oncomplete = () => {
              request.result.close()
              resolve()
            }
          }
          request.onerror = () => reject(request.error)
        })
      if (place === 'jeep') await put('jeepSqliteStore', 'databases', [['appSQLite.db', image]])
      if (place === 'sqljs' && isDamaged) await put('selfsame:app', 'images', [['present', { image, writtenAt: '' }]])
      if (place !== 'absurd') return
      const blocks: [IDBValidKey, unknown][] = [[-1, { size: image.length }]]
      for (let index = 0; index * 4096 < image.length; index += 1) {
        blocks.push([index, image.slice(index * 4096, (index + 1) * 4096).buffer])
      }
      await put('app.sqlite', 'data', blocks)
    },
    { where, damaged },
  )
}

function open(storage: 'opfs' | 'indexeddb' = 'opfs') {
  return page.evaluate(async (kind) => {
    try {
      const connection = await selfsame.webDriver({ name: 'app', storage: [kind], persist: false }).open()
      const [tables] = await connection.run([{ text: 'SELECT count(*) FROM sqlite_schema', params: [] }])
      let rows: unknown = 0
      if (tables?.rows[0]?.[0] === 1) {
        rows = (await connection.run([{ text: 'SELECT count(*) FROM a', params: [] }]))[0]?.rows[0]?.[0]
      }
      const movedFrom = connection.storage?.movedFrom
      const run = (text: string) => connection.run([{ text, params: [] }])
      if (rows === 500) await run('DROP TABLE a')
      await connection.close()
      return { rows, movedFrom }
    } catch (error) {
      return { code: (error as { code?: string }).code, details: (error as { details?: unknown }).details }
    }
  }, storage)
}

/** All that an IndexedDB database holds, as text. */
function everythingIn(database: string, objects: string): Promise<string> {
  return page.evaluate(
    ({ database: name, objects: store }) =>
      new Promise<string>((resolve, reject) => {
        const request = indexedDB.open(name)
        request.onerror = () => reject(request.error)
        request.onsuccess = () => {
          const all = request.result.transaction(store).objectStore(store).getAll()
          all.onsuccess = () => {
            request.result.close()
            const bytes = (_: string, value: unknown) =>
              value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value
            resolve(JSON.stringify(all.result, bytes))
          }
        }
      }),
    { database, objects },
  )
}

const places: Record<Older, { place: string; database: string; store: string }> = {
  sqljs: { place: 'indexedDbStore:app', database: 'selfsame:app', store: 'images' },
  jeep: { place: 'jeep-sqlite:app', database: 'jeepSqliteStore', store: 'databases' },
  absurd: { place: 'absurd-sql:app.sqlite', database: 'app.sqlite', store: 'data' },
}

describe.each(Object.entries(places) as [Older, (typeof places)[Older]][])(
  'a database that %s left',
  (older, where) => {
    test.each(['opfs', 'indexeddb'] as const)('moves in whole, once, and is left as it was (%s)', async (storage) => {
      await leave(older)
      const before = await everythingIn(where.database, where.store)
      expect(await open(storage)).toEqual({ rows: 500, movedFrom: where.place })
      // The first open dropped its table: what was thrown away does not come back.
      expect(await open(storage)).toEqual({ rows: 0, movedFrom: null })
      expect(await everythingIn(where.database, where.store)).toBe(before)
    })

    test('is refused when it is damaged: the app does not start empty', async () => {
      await leave(older, true)
      const before = await everythingIn(where.database, where.store)
      expect(await open()).toMatchObject({ code: 'corrupt', details: { place: where.place } })
      expect(await open()).toMatchObject({ code: 'corrupt' })
      expect(await everythingIn(where.database, where.store)).toBe(before)
    })
  },
)

test('an older version that has its database open is waited for by a clear answer: storage-in-use', async () => {
  await leave('sqljs')
  const old = await shared.tab()
  await old.evaluate(async () => {
    selfsame.kept['connection'] = await selfsame.sqljsDriver({ store: selfsame.indexedDbStore('app') }).open()
  })
  expect(await open()).toMatchObject({
    code: 'storage-in-use',
    details: { holder: expect.stringMatching(/^tab /), since: expect.any(String) },
  })
  await old.close()
  expect(await open()).toEqual({ rows: 500, movedFrom: 'indexedDbStore:app' })
})

test('nothing older moves in when what had moved in was emptied or removed', async () => {
  await leave('sqljs')
  await leave('jeep')
  expect(await open()).toEqual({ rows: 500, movedFrom: 'indexedDbStore:app' })
  expect(await open()).toEqual({ rows: 0, movedFrom: null })
  await page.evaluate(() => selfsame.removeWebDatabase('app'))
  expect(await open()).toEqual({ rows: 0, movedFrom: null })
})

describe.each(['opfs', 'indexeddb'] as const)('a start that ended between the copy and the note of it (%s)', (kind) => {
  /** Leaves the database as such a start does: moved in, or with content of its own, and only the note from before. */
  const endedBetween = (content: 'moved' | 'own') =>
    page.evaluate(
      async ({ storage, content: which }) => {
        const options = { name: 'app', storage: [storage], persist: false }
        const connection = await selfsame.webDriver(which === 'own' ? { ...options, moveFrom: false } : options).open()
        if (which === 'own') await connection.run([{ text: 'CREATE TABLE mine (n)', params: [] }])
        await connection.close()
        await new Promise<void>((resolve) => {
          const request = indexedDB.open('selfsame-web:app')
          request.onsuccess = () => {
            const transaction = request.result.transaction('meta', 'readwrite')
            transaction.objectStore('meta').delete('moved-in jeep-sqlite:app')
            transaction.objectStore('meta').put('jeep-sqlite:app', 'moving-in')
            transaction.oncomplete = () => {
              request.result.close()
              resolve()
            }
          }
        })
      },
      { storage: kind, content },
    )

  test('is finished when the copy is whole', async () => {
    await leave('jeep')
    await endedBetween('moved')
    expect(await open(kind)).toEqual({ rows: 500, movedFrom: 'jeep-sqlite:app' })
    expect(await open(kind)).toEqual({ rows: 0, movedFrom: null })
  })

  test('costs nothing of what was written since', async () => {
    await leave('jeep')
    await endedBetween('own')
    const found = await page.evaluate(async (storage) => {
      const tables: unknown[] = []
      for (const then of ['SELECT 1', 'DROP TABLE mine', 'SELECT 1']) {
        const connection = await selfsame.webDriver({ name: 'app', storage: [storage], persist: false }).open()
        const [names] = await connection.run(
          ['SELECT name FROM sqlite_schema', then].map((text) => ({ text, params: [] })),
        )
        await connection.close()
        tables.push(names?.rows)
      }
      return tables
    }, kind)
    // Nor does what had moved in come back when that is thrown away.
    expect(found).toEqual([[['mine']], [['mine']], []])
  })
})

test('looking for older databases makes none', async () => {
  await open()
  const names = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
  expect(names).toEqual(['selfsame-web:app'])
})
