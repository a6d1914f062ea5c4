import { utimesSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { nodeCopies, nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../temporary-path.ts'
import { writeBigDatabase } from './big-database.ts'

const unfinished = '.selfsame-backup-20260101T000000000Z-a1b2c3.sqlite.unfinished-d4e5f6'

test('what a killed process left of a copy is removed once a day has passed and the next copy is made', async () => {
  const filename = temporaryPath('app.sqlite')
  writeBigDatabase(filename, 'old')
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60
  for (const suffix of ['', '-journal']) {
    writeFileSync(`${filename}${unfinished}${suffix}`, 'half')
    utimesSync(`${filename}${unfinished}${suffix}`, twoDaysAgo, twoDaysAgo)
  }
  const { location } = await nodeCopies(filename).write({})
  expect(namesBeside(filename)).toEqual(['app.sqlite', basename(location)])
})

test('a copy that another process may be writing stays, and so does every other file', async () => {
  const filename = temporaryPath('app.sqlite')
  writeBigDatabase(filename, 'old')
  const others = ['app.sqlite.unfinished-notes', `other.sqlite${unfinished}`]
  writeFileSync(`${filename}${unfinished}`, 'half')
  for (const name of others) {
    const file = filename.replace('app.sqlite', name)
    writeFileSync(file, 'mine')
    utimesSync(file, 0, 0)
  }
  const { location } = await nodeCopies(filename).write({})
  expect(namesBeside(filename)).toEqual(
    ['app.sqlite', basename(location), `app.sqlite${unfinished}`, ...others].toSorted(),
  )
})

test('a killed process’s note of who holds the launch lock is written over by the next one', async () => {
  const filename = temporaryPath('app.sqlite')
  writeFileSync(`${filename}.selfsame-lock.json.unfinished`, '{ "holder"')
  const release = await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
  await release()
  expect(namesBeside(filename)).toEqual([])
})
