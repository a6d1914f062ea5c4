import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonOf, legacyFile, selfsame, sha256, startSelfsame, temporaryFolder } from './run-selfsame.ts'

/** A component with a patch that would take minutes. */
function slowComponent(folder: string): string {
  const module = join(folder, 'slow.mjs')
  writeFileSync(
    module,
    `export default { name: 'slow', patches: [{ name: 'slow-0001', statements: ['CREATE TABLE slow (n)', { code: 'slow', async run(tx) {
      for (let n = 0; n < 1_000_000; n += 1) {
        await tx.execute({ text: 'INSERT INTO slow VALUES (?)', params: [n] })
        await tx.progress({ done: n, total: 1_000_000 })
      }
    } }] }] }`,
  )
  return module
}

test('Ctrl-C stops a migration at a safe point: status 1, nothing changed, and the next run works', async () => {
  const folder = temporaryFolder()
  const file = legacyFile(folder)
  const before = sha256(file)
  const running = startSelfsame(['migrate', file, '--component', slowComponent(folder), '--no-backup'])
  await running.said('To apply: ')
  running.process.kill('SIGINT')
  const run = await running.finished
  expect(run.status).toBe(1)
  expect(run.stderr).toContain('cancelled')
  expect(sha256(file)).toBe(before)
  expect((await selfsame('migrate', file, '--no-backup')).status).toBe(0)
})

test('with --json the cancelled migration is a report', async () => {
  const folder = temporaryFolder()
  const file = legacyFile(folder)
  const running = startSelfsame(['migrate', file, '--component', slowComponent(folder), '--no-backup', '--json'])
  // Nothing is said with --json; the rollback journal shows that the migration is writing.
  await expect.poll(() => existsSync(`${file}-journal`), { timeout: 30_000 }).toBe(true)
  running.process.kill('SIGINT')
  const run = await running.finished
  expect(run.status).toBe(1)
  expect(jsonOf(run)).toMatchObject({ outcome: 'failed', applied: [], error: { details: { cancelled: true } } })
})
