import { expect, test } from 'vitest'
import { sqljsDriver } from 'selfsame/sqljs'
import { query, write } from '../run-text.ts'
import { memoryImageStore } from './memory-image-store.ts'

const insert = (n: number) => ({ text: 'INSERT INTO a VALUES (?)', params: [n] })

async function openStored() {
  const store = memoryImageStore()
  const driver = sqljsDriver({ store })
  const connection = await driver.open()
  await write(connection, 'CREATE TABLE a (n UNIQUE)')
  return { store, driver, connection }
}

/** What the image in the store holds, as another process would find it. */
async function storedRows(image: Uint8Array | null): Promise<unknown> {
  const connection = await sqljsDriver({ image: image! }).open()
  const rows = await query(connection, 'SELECT n FROM a ORDER BY n')
  await connection.close()
  return rows
}

test('a write is in the store when it resolves', async () => {
  const { store, connection } = await openStored()
  await write(connection, 'INSERT INTO a VALUES (1)')
  expect(await storedRows(store.image)).toEqual([[1]])
})

test('a batch is saved once, and reading saves nothing', async () => {
  const { store, connection } = await openStored()
  const before = store.saves
  await connection.run([insert(1), insert(2), insert(3)], { transaction: true })
  expect(store.saves).toBe(before + 1)
  await query(connection, 'SELECT n FROM a')
  await query(connection, 'PRAGMA table_info(a)')
  expect(store.saves).toBe(before + 1)
})

test('a session saves at its COMMIT, and nothing of what it rolled back', async () => {
  const { store, connection } = await openStored()
  const before = store.saves
  const session = await connection.reserve()
  await session.run([{ text: 'BEGIN IMMEDIATE', params: [] }, insert(1)])
  expect(store.saves).toBe(before)
  await session.run([{ text: 'COMMIT', params: [] }])
  expect(await storedRows(store.image)).toEqual([[1]])
  const saves = store.saves
  await session.run([{ text: 'BEGIN IMMEDIATE', params: [] }, insert(2)])
  await session.release()
  await expect(connection.run([insert(2), insert(1)], { transaction: true })).rejects.toMatchObject({ code: 'sqlite' })
  expect(store.saves).toBe(saves)
  expect(await storedRows(store.image)).toEqual([[1]])
})

test('a PRAGMA that is kept in the file is saved', async () => {
  const { store, driver, connection } = await openStored()
  await write(connection, 'PRAGMA user_version = 7')
  await connection.close()
  const again = await driver.open()
  expect(await query(again, 'PRAGMA user_version')).toEqual([[7]])
  expect(store.image).not.toBeNull()
})

test('statements before the one that failed are saved where there was no transaction', async () => {
  const { store, connection } = await openStored()
  await expect(connection.run([insert(1), insert(1)])).rejects.toMatchObject({ code: 'sqlite' })
  expect(await storedRows(store.image)).toEqual([[1]])
})

test('a save that fails rejects the write, and the database goes back to what is stored', async () => {
  const { store, connection } = await openStored()
  await write(connection, 'INSERT INTO a VALUES (1)')
  store.fault = new DOMException('full', 'QuotaExceededError')
  await expect(write(connection, 'INSERT INTO a VALUES (2)')).rejects.toMatchObject({ code: 'no-space' })
  expect(await query(connection, 'SELECT n FROM a')).toEqual([[1]])
  expect(await query(connection, 'PRAGMA foreign_keys')).toEqual([[1]])
  store.fault = undefined
  await write(connection, 'INSERT INTO a VALUES (3)')
  expect(await storedRows(store.image)).toEqual([[1], [3]])
})

test('another fault of the store is storage-unavailable, with its cause', async () => {
  const { store, connection } = await openStored()
  store.fault = new Error('broken')
  await expect(write(connection, 'INSERT INTO a VALUES (2)')).rejects.toMatchObject({
    code: 'storage-unavailable',
    cause: store.fault,
  })
})

test('a commit of a session whose save fails is undone', async () => {
  const { store, connection } = await openStored()
  const session = await connection.reserve()
  await session.run([{ text: 'BEGIN IMMEDIATE', params: [] }, insert(1)])
  store.fault = new Error('broken')
  await expect(session.run([{ text: 'COMMIT', params: [] }])).rejects.toMatchObject({ code: 'storage-unavailable' })
  await session.release()
  store.fault = undefined
  expect(await query(connection, 'SELECT n FROM a')).toEqual([])
})

test('when the store cannot be read either, every later call says so', async () => {
  const { store, connection } = await openStored()
  store.fault = new Error('broken')
  store.load = () => Promise.reject(new Error('gone'))
  await expect(write(connection, 'INSERT INTO a VALUES (1)')).rejects.toMatchObject({ code: 'storage-unavailable' })
  await expect(query(connection, 'SELECT n FROM a')).rejects.toMatchObject({ code: 'storage-unavailable' })
  await connection.close()
})

test('a store has one owner at a time, in one driver too', async () => {
  const { driver, connection } = await openStored()
  await expect(driver.open()).rejects.toMatchObject({ code: 'storage-in-use', details: { holder: 'this process' } })
  await connection.close()
  await (await driver.open()).close()
})

test('an owner is taken before the image is read, and let go when opening fails or the connection closes', async () => {
  const store = memoryImageStore()
  const order: string[] = []
  store.acquire = async () => {
    order.push('acquire')
    return { release: async () => void order.push('release') }
  }
  const load = store.load
  store.load = () => {
    order.push('load')
    return load()
  }
  const driver = sqljsDriver({ store })
  await (await driver.open()).close()
  store.image = new TextEncoder().encode('no database at all. '.repeat(100))
  await expect(driver.open()).rejects.toMatchObject({ code: 'not-a-database' })
  expect(order).toEqual(['acquire', 'load', 'release', 'acquire', 'load', 'release'])
})

test('an image is where a store that has none begins', async () => {
  const { store, connection } = await openStored()
  await write(connection, 'INSERT INTO a VALUES (1)')
  const image = store.image!
  const second = memoryImageStore()
  const opened = await sqljsDriver({ store: second, image }).open()
  await write(opened, 'INSERT INTO a VALUES (2)')
  await opened.close()
  const again = await sqljsDriver({ store: second, image }).open()
  expect(await query(again, 'SELECT n FROM a')).toEqual([[1], [2]])
})

test('the image given is not written to', async () => {
  const { store, connection } = await openStored()
  const image = store.image!
  const before = Uint8Array.from(image)
  const opened = await sqljsDriver({ image }).open()
  await write(opened, 'INSERT INTO a VALUES (5)')
  expect(image).toEqual(before)
  await connection.close()
})

test('a restored copy is in the store when it resolves, and a failed save leaves what was there', async () => {
  const { store, connection } = await openStored()
  await write(connection, 'INSERT INTO a VALUES (1)')
  const { location } = await connection.copies!.write({})
  await write(connection, 'INSERT INTO a VALUES (2)')
  store.fault = new Error('broken')
  await expect(connection.copies!.restore(location)).rejects.toMatchObject({ code: 'storage-unavailable' })
  expect(await query(connection, 'SELECT n FROM a')).toEqual([[1], [2]])
  store.fault = undefined
  await connection.copies!.restore(location)
  expect(await storedRows(store.image)).toEqual([[1]])
})

test('a copy that is no database is not restored', async () => {
  const { store, connection } = await openStored()
  const { location } = await store.copies!.write(new TextEncoder().encode('no database. '.repeat(100)), 'junk')
  await expect(connection.copies!.restore(location)).rejects.toMatchObject({ code: 'not-a-database' })
  await expect(connection.copies!.write({ directory: 'somewhere' })).rejects.toMatchObject({ code: 'unsupported' })
})

test('a copy whose index lacks rows, or that does not belong here, is refused with nothing replaced', async () => {
  const store = memoryImageStore()
  const connection = await sqljsDriver({ store }).open()
  await write(connection, 'CREATE TABLE odd (n, m)')
  await write(connection, 'CREATE INDEX odd_n ON odd (m)')
  await write(connection, 'INSERT INTO odd VALUES (1, 2)')
  const sound = await connection.copies!.write({})
  await write(connection, 'PRAGMA writable_schema = ON')
  await write(connection, "UPDATE sqlite_schema SET sql = 'CREATE INDEX odd_n ON odd (n)' WHERE name = 'odd_n'")
  await write(connection, 'PRAGMA writable_schema = RESET')
  const damaged = await connection.copies!.write({})
  await write(connection, 'INSERT INTO odd VALUES (2, 3)')
  await expect(connection.copies!.restore(damaged.location)).rejects.toMatchObject({ code: 'corrupt' })
  const belongs = ['SELECT count(*) > 0 FROM no_such_table']
  await expect(connection.copies!.restore(sound.location, { belongs })).rejects.toMatchObject({
    code: 'foreign-schema',
  })
  expect(await query(connection, 'SELECT n FROM odd NOT INDEXED')).toEqual([[1], [2]])
  await connection.copies!.restore(sound.location, { belongs: ['SELECT count(*) = 1 FROM odd'] })
  expect(await query(connection, 'SELECT n FROM odd NOT INDEXED')).toEqual([[1]])
  await connection.close()
})
