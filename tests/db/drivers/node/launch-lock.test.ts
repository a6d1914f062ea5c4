import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../temporary-path.ts'
import { startChild } from './start-child.ts'

test('of eight processes one at a time has the lock', async () => {
  const filename = temporaryPath('app.sqlite')
  const log = `${filename}.log`
  const children = Array.from({ length: 8 }, () => startChild('launch-lock-child.ts', filename, log))
  const ends = await Promise.all(children.map(({ ended }) => ended))
  expect(ends.map(({ stderr }) => stderr)).toEqual(Array.from({ length: 8 }, () => ''))
  expect(readFileSync(log, 'utf8')).toBe('in\nout\n'.repeat(8 * 5))
  expect(namesBeside(filename)).toEqual(['app.sqlite.log'])
})

test('a killed holder leaves the lock free at once', async () => {
  const filename = temporaryPath('app.sqlite')
  const holder = startChild('launch-lock-child.ts', filename, 'hold')
  await holder.ready
  const driver = nodeDriver({ filename })
  await expect(driver.acquireLaunchLock({ timeoutMs: 50 })).rejects.toMatchObject({
    code: 'locked',
    details: { holder: `pid ${holder.pid}` },
  })
  holder.kill()
  await holder.ended
  const release = await driver.acquireLaunchLock({ timeoutMs: 0 })
  await release()
  expect(namesBeside(filename)).toEqual([])
})

test('who waits hears who holds the lock and since when', async () => {
  const filename = temporaryPath('app.sqlite')
  const holder = startChild('launch-lock-child.ts', filename, 'hold')
  await holder.ready
  const heard: unknown[] = []
  const waiting = nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 60_000, onWait: (who) => heard.push(who) })
  await expect.poll(() => heard.length).toBe(1)
  holder.kill()
  await (
    await waiting
  )()
  expect(heard).toEqual([{ holder: `pid ${holder.pid}`, since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) }])
})

test('two drivers of one process exclude each other', async () => {
  const filename = temporaryPath('app.sqlite')
  const release = await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
  await expect(nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'locked' })
  await release()
  await (
    await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
  )()
})

test('a lock file that was left behind is nobody’s', async () => {
  const filename = temporaryPath('app.sqlite')
  writeFileSync(`${filename}.selfsame-lock`, '')
  writeFileSync(`${filename}.selfsame-lock.json`, '{ "holder": "pid 1", "since": "2020-01-01T00:00:00.000Z" }')
  await (
    await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
  )()
  expect(namesBeside(filename)).toEqual([])
})

test('a lock on a file that was unlinked meanwhile counts for nothing', async () => {
  const filename = temporaryPath('app.sqlite')
  const late = new DatabaseSync(`${filename}.selfsame-lock`)
  late.exec('BEGIN IMMEDIATE')
  rmSync(`${filename}.selfsame-lock`)
  const release = await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
  expect(namesBeside(filename)).toEqual(['app.sqlite.selfsame-lock', 'app.sqlite.selfsame-lock.json'])
  await release()
  late.close()
})

test('the database itself is not created or opened for the lock', async () => {
  const filename = temporaryPath('app.sqlite')
  const release = await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
  expect(existsSync(filename)).toBe(false)
  await release()
})

test('where no file can be made the lock is refused as unavailable storage', async () => {
  const filename = temporaryPath('folder/app.sqlite')
  await expect(nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })).rejects.toMatchObject({
    code: 'storage-unavailable',
  })
  mkdirSync(dirname(filename))
  await (
    await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
  )()
})

test('each driver for a database in memory has a lock of its own', async () => {
  const release = await nodeDriver({ filename: ':memory:' }).acquireLaunchLock({ timeoutMs: 0 })
  const other = nodeDriver({ filename: ':memory:' }).acquireLaunchLock({ timeoutMs: 0 })
  await expect(other).resolves.toBeTypeOf('function')
  await release()
})

test('a file that is no lock under its name is named, and not taken for the database', async () => {
  const filename = temporaryPath('app.sqlite')
  writeFileSync(`${filename}.selfsame-lock`, 'half of a folder that was synced')
  await expect(nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })).rejects.toMatchObject({
    code: 'storage-unavailable',
    message: expect.stringContaining('app.sqlite.selfsame-lock'),
  })
  expect(readFileSync(`${filename}.selfsame-lock`, 'utf8')).toBe('half of a folder that was synced')
})
