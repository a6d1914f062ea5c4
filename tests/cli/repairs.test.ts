import { expect, test } from 'vitest'
import { jsonOf, legacyFile, readAll, selfsame, sha256, temporaryFolder } from './run-selfsame.ts'

test('repairs lists what was put right, and what a rollback gave back, and changes nothing', async () => {
  const file = legacyFile(temporaryFolder(), { state: 'orphan' })
  expect(jsonOf(await selfsame('repairs', file, '--json'))).toEqual({ repairs: [] })
  await selfsame('migrate', file, '--no-backup')
  const before = sha256(file)
  const { repairs } = jsonOf<{ repairs: { value: string }[] }>(await selfsame('repairs', file, '--json'))
  expect(repairs).toContainEqual(
    expect.objectContaining({
      patch: 'identity-0004',
      kind: 'orphan',
      table: 'settings',
      column: 'activeDid',
      shown: true,
    }),
  )
  const orphan = repairs.map(({ value }) => value).find((value) => value?.startsWith('did:'))!
  const people = await selfsame('repairs', file)
  expect(people.stdout).toContain('identity-0004  settings.activeDid: orphan, was did:')
  expect(people.stdout).not.toContain(orphan)
  expect(sha256(file)).toBe(before)
  await selfsame('rollback', file, '--no-backup')
  expect((await selfsame('repairs', file)).stdout).toContain('given back')
})

test('migrate records the version of the app that it is told', async () => {
  const file = legacyFile(temporaryFolder())
  await selfsame('migrate', file, '--no-backup', '--app-version', '7.1.0')
  const [row] = readAll(file, 'SELECT applied_by FROM selfsame_ledger LIMIT 1') as { applied_by: string }[]
  expect(JSON.parse(row!.applied_by)).toMatchObject({ app: '7.1.0', platform: process.platform })
})
