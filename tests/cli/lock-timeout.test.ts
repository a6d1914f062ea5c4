import { expect, test } from 'vitest'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { jsonOf, legacyFile, openDatabase, selfsame, temporaryFolder } from './run-selfsame.ts'

test('--lock-timeout says how long a launch is waited for, and who holds it since when is printed', async () => {
  const file = legacyFile(temporaryFolder())
  const release = await nodeDriver({ filename: file }).acquireLaunchLock({ timeoutMs: 1000 })
  const { status, stderr } = await selfsame('migrate', file, '--lock-timeout', '0.1')
  await release()
  expect(status).toBe(1)
  expect(stderr).toMatch(
    new RegExp(`Waiting for pid ${process.pid}, which has been migrating this database since \\d{4}-`),
  )
  expect(stderr).toMatch(new RegExp(`locked: pid ${process.pid} has been migrating this database since \\d{4}-`))
})

test.each([['status'], ['rollback'], ['duplicates', '--keep', '1'], ['restore', 'BACKUP']])(
  '%s takes --lock-timeout',
  async (command, ...rest) => {
    const file = legacyFile(temporaryFolder())
    const backup = jsonOf<{ file: string }>(await selfsame('backup', file, '--json')).file
    const args = rest.map((arg) => (arg === 'BACKUP' ? backup : arg))
    const holder = openDatabase(file)
    holder.exec('BEGIN EXCLUSIVE')
    const run = await selfsame(command!, file, ...args, '--lock-timeout', '0.1', '--json')
    holder.close()
    const { error } = jsonOf<{ error: { code: string; details: { waitedMs: number } } }>(run)
    expect(error).toMatchObject({ code: 'locked', details: { waitedMs: expect.toSatisfy((ms: number) => ms < 5000) } })
  },
)

test.each(['soon', '-1', ''])('--lock-timeout %j is wrong usage', async (seconds) => {
  const { status, stderr } = await selfsame('status', legacyFile(temporaryFolder()), `--lock-timeout=${seconds}`)
  expect([status, stderr]).toEqual([2, expect.stringContaining('--lock-timeout takes a number of seconds')])
})
