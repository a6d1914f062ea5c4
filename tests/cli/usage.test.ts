import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readManifest } from '../../scripts/entry-points.ts'
import { jsonOf, legacyFile, selfsame, startSelfsame, temporaryFolder } from './run-selfsame.ts'

describe('wrong usage ends with 2, the usage on stderr and nothing on stdout', () => {
  test.each([
    ['no command', []],
    ['an unknown command', ['frobnicate', 'x.sqlite']],
    ['a name that every object has', ['constructor', 'x.sqlite']],
    ['an option before the command', ['--json-lines', 'status', 'x.sqlite']],
    ['no file', ['status']],
    ['an empty file name', ['status', '']],
    ['an unknown option', ['status', 'x.sqlite', '--frobnicate']],
    ['an option of another command', ['status', 'x.sqlite', '--hold', 'identity-0005']],
    ['an option without its value', ['migrate', 'x.sqlite', '--hold']],
    ['a value for a flag', ['migrate', 'x.sqlite', '--no-backup=yes']],
    ['an argument too many', ['status', 'x.sqlite', 'y.sqlite']],
    ['no copy to restore', ['restore', 'x.sqlite']],
    ['a state that is none', ['demo', 'x.sqlite', '--state', 'happy']],
    ['a number of accounts that is none', ['demo', 'x.sqlite', '--accounts', '1.5']],
    ['one account that is to be two', ['demo', 'x.sqlite', '--state', 'duplicate', '--accounts', '1']],
    ['an id that is none', ['duplicates', 'x.sqlite', '--keep', 'first']],
    ['a component that is not there', ['status', 'x.sqlite', '--component', '/no/such/folder']],
  ])('%s', async (_, args) => {
    const run = await selfsame(...args)
    expect(run.status).toBe(2)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain('Usage: selfsame ')
  })

  test('with --json there is one JSON value on stdout all the same', async () => {
    const run = await selfsame('status', '--json')
    expect(run.status).toBe(2)
    expect(jsonOf(run)).toEqual({ error: { code: 'usage', message: 'FILE is missing: the database file.' } })
    expect(run.stderr).toContain('Usage: selfsame status FILE')
  })
})

describe('asking for help', () => {
  test.each([
    ['--help', 'Usage: selfsame <command> FILE'],
    ['help', 'Usage: selfsame <command> FILE'],
  ])('%s lists the commands', async (option, text) => {
    const run = await selfsame(option)
    expect(run.status).toBe(0)
    expect(run.stdout).toContain(text)
    for (const name of ['status', 'plan', 'migrate', 'rollback', 'verify', 'duplicates', 'backup', 'restore', 'demo']) {
      expect(run.stdout).toContain(`\n  ${name} `)
    }
  })

  test('migrate --help lists its options, without a file', async () => {
    const run = await selfsame('migrate', '--help')
    expect(run.status).toBe(0)
    for (const option of [
      '--hold NAME',
      '--to NAME',
      '--no-backup',
      '--backup-dir DIR',
      '--component PATH',
      '--json',
    ]) {
      expect(run.stdout).toContain(option)
    }
  })

  test('--version prints the version', async () => {
    const { version } = readManifest() as unknown as { version: string }
    expect((await selfsame('--version')).stdout).toBe(`${version}\n`)
  })

  test('called through npm, the commands it shows go through npm', async () => {
    const run = await startSelfsame(['status', '--help'], { npm_lifecycle_event: 'selfsame' }).finished
    expect(run.stdout).toContain('Usage: npm run -s selfsame -- status FILE')
  })
})

test('a file that is called like an option goes after --', async () => {
  const folder = temporaryFolder()
  legacyFile(folder)
  const run = await selfsame('status', '--json', '--', join(folder, 'app.sqlite'))
  expect(run.status).toBe(0)
  expect(jsonOf(run)).toMatchObject({ legacy: true })
})

test('file names with spaces and quotes are files, and the commands shown quote them', async () => {
  const file = join(temporaryFolder(), `it's an "odd" name?#%20.sqlite`)
  const run = await selfsame('demo', file)
  expect(run.status).toBe(0)
  expect(run.stdout).toContain(`it'\\''s an "odd" name`)
  expect(readdirSync(join(file, '..'))).toEqual([`it's an "odd" name?#%20.sqlite`])
  expect((await selfsame('migrate', file)).status).toBe(0)
})
