import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { legacyFile, selfsame, temporaryFolder } from './run-selfsame.ts'

test('a BACKUP that is no database is said to be the one at fault', async () => {
  const folder = temporaryFolder()
  const bad = join(folder, 'bad.sqlite')
  writeFileSync(bad, 'no database at all, but long enough to be read as one. '.repeat(20))
  const { status, stderr } = await selfsame('restore', legacyFile(folder), bad)
  expect([status, stderr]).toEqual([1, expect.stringContaining('It is BACKUP that cannot be used')])
  expect(stderr).not.toContain('put it in place')
})

test('backup --out of a file that is there is told to take another name, and nothing about room', async () => {
  const file = legacyFile(temporaryFolder())
  const { status, stderr } = await selfsame('backup', file, '--out', file)
  expect([status, stderr]).toEqual([1, expect.stringContaining('Give the copy a name that is free')])
  expect(stderr).not.toContain('Make room')
})

test('a lock file that cannot be made is named', async () => {
  const filename = join(temporaryFolder(), 'missing', 'app.sqlite')
  await expect(nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })).rejects.toMatchObject({
    code: 'storage-unavailable',
    message: expect.stringContaining('app.sqlite.selfsame-lock cannot be made beside the database'),
  })
})
