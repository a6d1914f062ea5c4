import { closeSync, copyFileSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { encryptDatabase, encryptedDriver } from 'selfsame/encrypted'
import { nodeDriver } from 'selfsame/node'
import { createDataLayer } from '../../src/data-layer.ts'
import type { Driver } from '../../src/db/driver.ts'
import { namesBeside, temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, inEncryptedThread, inThread } from './stand-in/desktop-app.ts'

const key = '0123456789abcdef'.repeat(4)
const otherKey = 'fedcba9876543210'.repeat(4)

function damage(filename: string, from: number, length: number): void {
  const file = openSync(filename, 'r+')
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, from)
  closeSync(file)
}

/** A launched database with a note and a backup, and a second note since; closed. */
async function withBackup(driver: Driver): Promise<string> {
  const dataLayer = createDataLayer({ driver })
  await dataLayer.db.execute({ text: 'CREATE TABLE notes (text)' })
  await dataLayer.db.execute({ text: "INSERT INTO notes VALUES ('early')" })
  const { location } = await dataLayer.backup.create()
  await dataLayer.db.execute({ text: "INSERT INTO notes VALUES ('late')" })
  await dataLayer.close()
  return location
}

async function notes(driver: Driver): Promise<unknown[]> {
  const dataLayer = createDataLayer({ driver })
  try {
    return (await dataLayer.db.query<{ text: string }>({ text: 'SELECT text FROM notes' })).map(({ text }) => text)
  } finally {
    await dataLayer.close()
  }
}

/** Launches, and after its failure puts back the one backup that is listed. */
async function recover(driver: Driver): Promise<{ code: string | undefined; undo: string }> {
  const dataLayer = createDataLayer({ driver })
  const { error } = await dataLayer.launch()
  const [copy, ...others] = await dataLayer.recovery.list()
  expect(others).toEqual([])
  const { undo } = await dataLayer.recovery.restore(copy?.location ?? '')
  expect(dataLayer.status).toBe('closed')
  return { code: error?.code, undo }
}

type Kind = readonly [string, (filename: string) => { driver: Driver; close: () => Promise<void> }, string]
const alone = (driver: Driver) => ({ driver, close: () => Promise.resolve() })
const behindTheDoor = (served: Driver) => {
  const app = desktopApp(served, { onError: () => undefined })
  return { driver: app.openWindow().driver, close: () => app.close() }
}
const kinds: readonly Kind[] = [
  ['plain', (filename) => alone(nodeDriver({ filename })), 'not-a-database'],
  ['encrypted', (filename) => alone(encryptedDriver({ filename, key })), 'wrong-key'],
  ['plain, behind the door and in a thread', (filename) => behindTheDoor(inThread(filename)), 'not-a-database'],
  [
    'encrypted, behind the door and in a thread',
    (filename) => behindTheDoor(inEncryptedThread(filename, key)),
    'wrong-key',
  ],
]

describe.each(kinds)('a damaged database, %s,', (_, open, code) => {
  test('that does not open is restored from its backup, and its bytes are kept', async () => {
    const filename = temporaryPath('app.sqlite')
    const { driver, close } = open(filename)
    await withBackup(driver)
    damage(filename, 0, 600)
    const damaged = readFileSync(filename)
    const recovered = await recover(driver)
    expect(recovered.code).toBe(code)
    expect(readFileSync(recovered.undo).equals(damaged)).toBe(true)
    expect(await notes(driver)).toEqual(['early'])
    await close()
  })
})

test('an encrypted database with a damaged page inside is restored from its backup', async () => {
  const filename = temporaryPath('app.sqlite')
  const driver = encryptedDriver({ filename, key })
  const location = await withBackup(driver)
  for (let page = 2; page < readFileSync(filename).length / 4096; page += 1) damage(filename, page * 4096 + 100, 50)
  const dataLayer = createDataLayer({ driver })
  expect((await dataLayer.launch()).error).not.toBeNull()
  await dataLayer.recovery.restore(location)
  expect(await notes(driver)).toEqual(['early'])
})

test('a copy that the key does not open, is cut off or is damaged is refused, and the damaged database stays as it was', async () => {
  const filename = temporaryPath('app.sqlite')
  const driver = encryptedDriver({ filename, key })
  const location = await withBackup(driver)
  const copies = ['other-key', 'empty', 'damaged'].map((name) => `${filename}.${name}`)
  const [ofOtherKey = '', empty = '', damaged = ''] = copies
  const other = await encryptedDriver({ filename: ofOtherKey, key: otherKey }).open()
  await other.run([{ text: 'CREATE TABLE a (n)', params: [] }])
  await other.close()
  writeFileSync(empty, '')
  copyFileSync(location, damaged)
  damage(damaged, readFileSync(damaged).length - 2000, 100)
  damage(filename, 0, 600)
  const before = readFileSync(filename)
  const files = namesBeside(filename)
  const { recovery } = createDataLayer({ driver })
  const codes = []
  for (const copy of copies)
    codes.push(await recovery.restore(copy, { anyContent: true }).catch((error: { code: string }) => error.code))
  expect(codes).toEqual(['wrong-key', 'not-a-database', expect.stringMatching(/^(corrupt|wrong-key)$/)])
  expect(readFileSync(filename).equals(before)).toBe(true)
  expect(namesBeside(filename)).toEqual(files)
})

test('a backup under another key than the database takes its place, and the undo gives the database back', async () => {
  const filename = temporaryPath('app.sqlite')
  const location = await withBackup(encryptedDriver({ filename, key }))
  const elsewhere = temporaryPath('app.sqlite')
  await withBackup(encryptedDriver({ filename: elsewhere, key: otherKey }))
  copyFileSync(elsewhere, filename)
  const { code, undo } = await recover(encryptedDriver({ filename, key }))
  expect(code).toBe('wrong-key')
  expect(await notes(encryptedDriver({ filename, key }))).toEqual(['early'])
  const before = createDataLayer({ driver: encryptedDriver({ filename, key: otherKey }) })
  await before.recovery.restore(undo)
  expect(await notes(encryptedDriver({ filename, key: otherKey }))).toEqual(['early', 'late'])
  expect(location).not.toBe(undo)
})

test('a backup from before the encryption is put back, and encrypted by the next start', async () => {
  const filename = temporaryPath('app.sqlite')
  await withBackup(nodeDriver({ filename }))
  await encryptDatabase({ filename, key })
  const driver = encryptedDriver({ filename, key })
  damage(filename, 0, 600)
  expect((await recover(driver)).code).toBe('wrong-key')
  await expect(notes(driver)).rejects.toThrow('encryptDatabase')
  expect(await encryptDatabase({ filename, key })).toMatchObject({ encrypted: true })
  expect(await notes(driver)).toEqual(['early'])
})

test('of two windows that put a backup back at once both are told the truth, and the database opens', async () => {
  const filename = temporaryPath('app.sqlite')
  const app = desktopApp(inEncryptedThread(filename, key), { onError: () => undefined })
  const location = await withBackup(app.openWindow().driver)
  damage(filename, 0, 600)
  const windows = [app.openWindow(), app.openWindow()]
  const restored = await Promise.all(
    windows.map(({ driver }) => createDataLayer({ driver }).recovery.restore(location)),
  )
  // The second finds what the first has put back, and keeps that.
  expect(restored.map(({ undo }) => /selfsame-(damaged|backup)-/.exec(undo)?.[1])).toEqual(['damaged', 'backup'])
  expect(await notes(windows[0]!.driver)).toEqual(['early'])
  await app.close()
})

test('a window asks no copy a query of its own while the database does not open', async () => {
  const filename = temporaryPath('app.sqlite')
  const served = encryptedDriver({ filename, key })
  const location = await withBackup(served)
  damage(filename, 0, 600)
  const app = desktopApp(served, { onError: () => undefined })
  const { driver } = app.openWindow()
  const asked = driver.copies?.restore(location, { belongs: ["SELECT sqlite_log(1, 'a')"] })
  await expect(asked).rejects.toThrow('while the database does not open')
  await expect(driver.copies?.restore('/etc/passwd')).rejects.toMatchObject({ code: 'storage-unavailable' })
  await app.close()
})
