import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { encryptDatabase, encryptedDriver } from 'selfsame/encrypted'
import { nodeDriver } from 'selfsame/node'
import { projectFolder } from '../../../../scripts/entry-points.ts'
import type { Driver } from '../../../../src/db/driver.ts'
import { Database } from '../../../../src/db/database.ts'
import { writeLegacyFile } from '../../../processes/start-launch.ts'
import { snapshot } from '../../../property/snapshot.ts'
import { namesBeside, temporaryPath } from '../temporary-path.ts'

const key = '0123456789abcdef'.repeat(4)
const otherKey = 'fedcba9876543210'.repeat(4)
const isPlain = (file: string) => readFileSync(file).subarray(0, 6).toString('latin1') === 'SQLite'

async function contentOf(driver: Driver) {
  const database = new Database(await driver.open())
  try {
    return await snapshot(database)
  } finally {
    await database.close()
  }
}

async function legacyFile(accounts = 5): Promise<string> {
  const filename = temporaryPath('app.sqlite')
  await writeLegacyFile(filename, {
    accounts,
    contacts: 7,
    state: 'valid',
    additions: ['tables', 'columns', 'views', 'triggers', 'indexes'],
  })
  return filename
}

test('a database is encrypted with every row, and its backups from before are named', async () => {
  const filename = await legacyFile()
  const connection = await nodeDriver({ filename }).open()
  await connection.run([{ text: 'PRAGMA journal_mode = WAL', params: [] }])
  const copy = await connection.copies?.write({})
  await connection.close()
  const before = await contentOf(nodeDriver({ filename }))
  expect(await encryptDatabase({ filename, key })).toEqual({ encrypted: true, plainCopies: [copy?.location] })
  expect(isPlain(filename)).toBe(false)
  expect(await contentOf(encryptedDriver({ filename, key }))).toEqual(before)
  expect(namesBeside(filename)).toHaveLength(2)
})

test('what is encrypted stays so, what is missing too, and another key is told', async () => {
  const filename = await legacyFile()
  await encryptDatabase({ filename, key })
  const bytes = readFileSync(filename)
  expect(await encryptDatabase({ filename, key })).toEqual({ encrypted: false, plainCopies: [] })
  await expect(encryptDatabase({ filename, key: otherKey })).rejects.toMatchObject({ code: 'wrong-key' })
  expect(readFileSync(filename).equals(bytes)).toBe(true)
  const missing = join(dirname(filename), 'missing.sqlite')
  expect(await encryptDatabase({ filename: missing, key })).toEqual({ encrypted: false, plainCopies: [] })
})

test.each([
  'page_size = 1024',
  'page_size = 8192',
  'page_size = 65536',
  `encoding = 'UTF-16le'`,
  `encoding = 'UTF-16be'`,
])('a database with %s is encrypted, and opens again', async (pragma) => {
  const filename = temporaryPath('app.sqlite')
  const plain = nodeDriver({ filename })
  const connection = await plain.open()
  const texts = [`PRAGMA ${pragma}`, 'CREATE TABLE a (n TEXT, b BLOB)', `INSERT INTO a VALUES ('ä😀', zeroblob(5000))`]
  await connection.run(texts.map((text) => ({ text, params: [] })))
  await connection.close()
  const before = await contentOf(plain)
  expect(await encryptDatabase({ filename, key })).toMatchObject({ encrypted: true })
  expect(isPlain(filename)).toBe(false)
  expect((await contentOf(encryptedDriver({ filename, key }))).tables).toEqual(before.tables)
  expect(await encryptDatabase({ filename, key })).toMatchObject({ encrypted: false })
})

test.each([
  'CREATE TABLE b (n CHECK (n <> "y"))',
  'CREATE INDEX b ON a (n) WHERE n = "y"',
  'CREATE VIEW b AS SELECT n, "y" AS other FROM a',
  `CREATE TRIGGER b AFTER INSERT ON a BEGIN UPDATE a SET n = "y"; END`,
  `CREATE TRIGGER b BEFORE UPDATE OF n ON a WHEN new.n = "y" BEGIN SELECT 1; END`,
  `CREATE TRIGGER b AFTER DELETE ON a BEGIN INSERT INTO a VALUES ("y"); END`,
])(
  'a text in double quotes, which this SQLite takes for a name, is told before anything is encrypted: %s',
  async (text) => {
    const filename = temporaryPath('app.sqlite')
    const connection = await nodeDriver({ filename }).open()
    await connection.run(['CREATE TABLE a (n)', text].map((each) => ({ text: each, params: [] })))
    await connection.close()
    const bytes = readFileSync(filename)
    const refused = await encryptDatabase({ filename, key }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'unsupported', message: expect.stringMatching(/text "y" in double quotes/) })
    expect(readFileSync(filename).equals(bytes)).toBe(true)
    expect(namesBeside(filename)).toEqual(['app.sqlite'])
  },
)

test('a default in double quotes, quoted names and a view that was broken before keep nobody from encrypting', async () => {
  const filename = temporaryPath('app.sqlite')
  const connection = await nodeDriver({ filename }).open()
  const texts = [
    'CREATE TABLE "odd name" ("n" DEFAULT "x", m AS (n || 1))',
    'CREATE TRIGGER "t" AFTER INSERT ON "odd name" BEGIN UPDATE "odd name" SET "n" = \'k\'; END',
    'CREATE VIEW v AS SELECT gone FROM nowhere',
    'CREATE VIEW w AS SELECT n FROM "odd name"',
    `CREATE TRIGGER u INSTEAD OF INSERT ON w BEGIN INSERT INTO "odd name" VALUES (new.n); END`,
  ]
  await connection.run(texts.map((text) => ({ text, params: [] })))
  await connection.close()
  expect(await encryptDatabase({ filename, key })).toMatchObject({ encrypted: true })
})

test('a database in WAL mode that somebody has open is left as it is', async () => {
  const filename = await legacyFile()
  const connection = await nodeDriver({ filename }).open()
  await connection.run(
    ['PRAGMA journal_mode = WAL', 'SELECT count(*) FROM accounts'].map((text) => ({ text, params: [] })),
  )
  await expect(encryptDatabase({ filename, key })).rejects.toMatchObject({ code: 'locked' })
  await connection.close()
  expect(isPlain(filename)).toBe(true)
})

test('a copy that differs is not put in the place of the database', async () => {
  const filename = await legacyFile()
  const { mustBeSame } = await import('../../../../src/db/drivers/node/encrypted/compare-content.ts')
  const { plainEngine } = await import('../../../../src/db/drivers/node/plain-engine.ts')
  const changes = [
    'DELETE FROM b.contacts WHERE id = 1',
    "UPDATE b.accounts SET did = did || ' '",
    'UPDATE b.contacts SET rowid = rowid + 100',
    'CREATE TABLE b.more (n)',
    'PRAGMA b.user_version = 99',
  ]
  for (const [index, change] of changes.entries()) {
    const other = join(dirname(filename), `${index}.sqlite`)
    copyFileSync(filename, other)
    const database = plainEngine.connect(filename, { create: false, readOnly: false })
    database.exec(`PRAGMA foreign_keys = OFF; ATTACH '${other}' AS b`)
    expect(() => mustBeSame(database, 'main', 'b')).not.toThrow()
    database.exec(change)
    expect(() => mustBeSame(database, 'main', 'b'), change).toThrow('differs')
    database.close()
  }
})

test('killed at any moment, the file is the one or the other, and the next call does what is left', async () => {
  const pristine = await legacyFile(3000)
  const expected = await contentOf(nodeDriver({ filename: pristine }))
  const encryptInProcess = async (name: string, killAfterMs?: number) => {
    const folder = join(dirname(pristine), name)
    mkdirSync(folder)
    const filename = join(folder, 'app.sqlite')
    copyFileSync(pristine, filename)
    const script = join(projectFolder, 'tests/db/drivers/encrypted/encrypt-child.ts')
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, filename], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    child.stdin.end(key)
    await once(child.stdout, 'data')
    const started = performance.now()
    if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    await ended
    return { filename, tookMs: performance.now() - started }
  }
  const { tookMs } = await encryptInProcess('whole')
  const ends = { plain: 0, encrypted: 0 }
  for (let moment = 0; moment < 12; moment += 1) {
    const { filename } = await encryptInProcess(String(moment), (tookMs * moment) / 10)
    ends[isPlain(filename) ? 'plain' : 'encrypted'] += 1
    await encryptDatabase({ filename, key })
    expect(await contentOf(encryptedDriver({ filename, key }))).toEqual(expected)
    expect(namesBeside(filename)).toEqual(['app.sqlite'])
  }
  process.stdout.write(
    `encrypting killed 12 times: ${ends.plain} left plain, ${ends.encrypted} encrypted, all whole after the next call\n`,
  )
})

test('leftovers of a killed call are no part of the next', async () => {
  const filename = await legacyFile()
  writeFileSync(`${filename}.selfsame-encrypting`, 'half a copy')
  await encryptDatabase({ filename, key })
  expect(namesBeside(filename)).toEqual(['app.sqlite'])
})
