import { describe, expect, test } from 'vitest'
import { useAttempts } from './support/attempts.ts'
import { amount } from './support/browser.ts'

const tab = useAttempts()
const { attempt } = tab

describe('a damaged file', () => {
  /** Changes the pool's file that holds the database, or adds one to it. */
  function damage(how: 'half' | 'head only' | 'header' | 'content' | 'foreign file' | 'gone') {
    return tab.page.evaluate(async (kind) => {
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
    return tab.page.evaluate(async () => {
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

test.each([1, 2, 5])('a pool of which a killed tab made only %i of its files opens', async (files) => {
  await tab.page.evaluate(async (made) => {
    let folder = await navigator.storage.getDirectory()
    for (const name of ['.selfsame', 'app', 'pool', '.opaque']) {
      folder = await folder.getDirectoryHandle(name, { create: true })
    }
    for (let file = 0; file < made; file += 1) {
      const stream = await (await folder.getFileHandle(`file-${file}`, { create: true })).createWritable()
      await stream.write(new Uint8Array(524))
      await stream.close()
    }
  }, files)
  expect(await attempt({}, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'])).toMatchObject({ code: null })
  expect(await attempt({}, ['SELECT n FROM a'])).toMatchObject({ code: null, rows: [[1]] })
})

describe('copies and bytes', () => {
  test.each(['opfs', 'indexeddb'] as const)(
    'an imported file replaces the content, which is kept; a bad one does not (%s)',
    async (kind) => {
      const answer = await tab.page.evaluate(async (storage) => {
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
        for (const bad of [new Uint8Array(5000).fill(7), damaged, image.slice(0, -500)]) {
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
        refused: ['not-a-database', 'corrupt', 'corrupt'],
        left: [[1], [2]],
      })
    },
  )

  test.each([
    [
      1024,
      amount(
        [32, 67],
        [4, 11, 18, 25, 32, 39, 46, 53, 60, 67, 74, 81, 88, 95, 102, 109, 116, 123, 130, 137, 144, 151, 158],
      ),
    ],
    [4096, amount([6, 51], [4, 6, 9, 12, 15, 20, 24, 28, 33, 37, 42, 46, 51, 60, 69, 78, 90, 105])],
  ])(
    'an import of %i byte pages that meets the quota is no-space with the content kept, or is there',
    async (size, places) => {
      const outcomes = await tab.page.evaluate(
        async ({ size: pageSize, places: writes }) => {
          const rows = 'WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 60)'
          const fill = (table: string) => [
            `PRAGMA page_size = ${pageSize}`,
            `CREATE TABLE ${table} (b)`,
            `${rows} INSERT INTO ${table} SELECT hex(randomblob(400)) FROM c`,
          ]
          const open = (name: string) => selfsame.webDriver({ name, storage: ['opfs'], persist: false }).open()
          const source = await selfsame.sqljsDriver().open()
          await source.run(fill('fresh').map((text) => ({ text, params: [] })))
          const image = await source.export()
          const found: string[] = []
          for (const quotaAtWrite of writes) {
            const name = `meets ${quotaAtWrite}`
            const before = await open(name)
            await before.run(
              fill('old')
                .slice(1)
                .map((text) => ({ text, params: [] })),
            )
            await before.close()
            const options = { name, storage: ['opfs'] as const, persist: false }
            const victim = await selfsame.faultyDriver(options, { quotaAtWrite }).open()
            const outcome = await victim.copies!.import!(image).then(
              () => 'taken',
              (error: { code: string }) => error.code,
            )
            await victim.close()
            const after = await open(name)
            const [tables, integrity] = await after.run(
              ['SELECT name FROM sqlite_schema', 'PRAGMA integrity_check'].map((text) => ({ text, params: [] })),
            )
            const copies = await after.copies!.list({})
            await after.close()
            found.push([outcome, tables?.rows, integrity?.rows, copies.length].join(' '))
          }
          return found
        },
        { size, places },
      )
      expect(outcomes.filter((outcome) => !/^(taken fresh ok 1|no-space old ok [01])$/.test(outcome))).toEqual([])
      // What was to undo an import is not kept when there was none, where the full storage lets the content be read.
      expect(outcomes).toContain('no-space old ok 0')
    },
  )

  test('copies are listed and written while another tab removes one', async () => {
    const failures = await tab.page.evaluate(async () => {
      const open = () => selfsame.webDriver({ name: 'copied', storage: ['opfs'], persist: false }).open()
      const [one, other] = [await open(), await open()]
      await one.run([{ text: 'CREATE TABLE a (n)', params: [] }])
      const failed: unknown[] = []
      for (let round = 0; round < 20; round += 1) {
        const { location } = await one.copies!.write({})
        const calls = [
          other.copies!.remove(location),
          one.copies!.write({}),
          ...Array.from({ length: 4 }, () => one.copies!.list({})),
        ]
        for (const { reason } of (await Promise.allSettled(calls)) as { reason?: Error }[])
          if (reason) failed.push(reason.message)
        for (const copy of await one.copies!.list({})) await one.copies!.remove(copy.location)
      }
      await other.close()
      await one.close()
      return failed
    })
    expect(failures).toEqual([])
  })

  test('a copy whose writing was cut off is removed when the next one is written', async () => {
    const files = await tab.page.evaluate(async () => {
      const connection = await selfsame.webDriver({ name: 'cut', storage: ['opfs'], persist: false }).open()
      await connection.run([{ text: 'CREATE TABLE a (n)', params: [] }])
      let folder = await navigator.storage.getDirectory()
      for (const name of ['.selfsame', 'cut', 'copies'])
        folder = await folder.getDirectoryHandle(name, { create: true })
      const stream = await (await folder.getFileHandle('backup-cut.sqlite', { create: true })).createWritable()
      // All but the header, which comes last.
      await stream.write(new Uint8Array(8192))
      await stream.close()
      const { location } = await connection.copies!.write({})
      await connection.close()
      const names: string[] = []
      for await (const name of folder.keys()) names.push(location.endsWith(name) ? 'the new one' : name)
      return names
    })
    expect(files).toEqual(['the new one'])
  })
})
