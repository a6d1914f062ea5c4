import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { change, jsonOf, legacyFile, openDatabase, readAll, selfsame, sha256, temporaryFolder } from './run-selfsame.ts'

/** Every command that takes one file and expects it to be there. */
const readers = ['status', 'plan', 'rollback', 'verify', 'duplicates', 'backup'] as const

interface Refusal {
  readonly outcome?: string
  readonly error: { readonly code: string; readonly message: string }
}

function notADatabase(): string {
  const file = join(temporaryFolder(), 'notes.txt')
  writeFileSync(file, `${'Dear diary, '.repeat(1000)}\n`)
  return file
}

/** A legacy database of many pages, some of which are overwritten. */
function damaged(): string {
  const file = legacyFile(temporaryFolder(), { accounts: 300, contacts: 300 })
  const handle = openSync(file, 'r+')
  for (let page = 12; page < 40; page += 1) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
  closeSync(handle)
  return file
}

async function migrated(): Promise<string> {
  const file = legacyFile(temporaryFolder())
  await selfsame('migrate', file, '--no-backup')
  return file
}

async function tooNew(): Promise<string> {
  const file = await migrated()
  change(
    file,
    `CREATE TEMP TABLE newer AS SELECT * FROM selfsame_ledger WHERE name = 'identity-0005';
     UPDATE newer SET name = 'identity-0099', sequence = 99, position = position + 1;
     INSERT INTO selfsame_ledger SELECT * FROM newer`,
  )
  return file
}

function foreignSchema(): string {
  const file = legacyFile(temporaryFolder())
  change(
    file,
    'CREATE TABLE active_identity (passport TEXT, issuedBy TEXT)',
    "INSERT INTO active_identity VALUES ('X1', 'CH')",
  )
  return file
}

async function drifted(): Promise<string> {
  const file = await migrated()
  change(file, "UPDATE selfsame_ledger SET checksum = 'other', source = 'other' WHERE name = 'identity-0003'")
  return file
}

describe('migrate refuses, with a report, and leaves every byte as it is', () => {
  test.each([
    ['a file that is no database', notADatabase, 'not-a-database', 'refused'],
    ['a damaged database', damaged, 'corrupt', 'failed'],
    ['a database of a newer app', tooNew, 'schema-too-new', 'refused'],
    ['a table of ours with another meaning', foreignSchema, 'foreign-schema', 'refused'],
    ['a history that differs', drifted, 'schema-drift', 'refused'],
  ])('%s', async (_, make, code, outcome) => {
    const file = await make()
    const before = sha256(file)
    const run = await selfsame('migrate', file, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf<Refusal>(run)).toMatchObject({ outcome, applied: [], error: { code, message: expect.any(String) } })
    expect(sha256(file)).toBe(before)
    const forPeople = await selfsame('migrate', file)
    expect(forPeople.status).toBe(1)
    expect(forPeople.stdout).toBe('')
    expect(forPeople.stderr).toContain(`${outcome}, ${code}: `)
    expect(sha256(file)).toBe(before)
  })

  test('a folder', async () => {
    const file = join(temporaryFolder(), 'folder')
    mkdirSync(file)
    const run = await selfsame('migrate', file, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf<Refusal>(run).error.code).toBe('storage-unavailable')
  })

  test('a file in a folder that is not there', async () => {
    const file = join(temporaryFolder(), 'no', 'such', 'app.sqlite')
    const run = await selfsame('migrate', file, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf<Refusal>(run).error.code).toBe('storage-unavailable')
    expect(existsSync(dirname(file))).toBe(false)
  })
})

describe('every other command answers a coded error, and leaves every byte as it is', () => {
  test.each(readers)('%s of a file that is no database', async (command) => {
    const file = notADatabase()
    const before = sha256(file)
    const run = await selfsame(command, file, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf<Refusal>(run).error).toMatchObject({ code: 'not-a-database', message: expect.any(String) })
    expect(run.stderr).toBe('')
    expect(sha256(file)).toBe(before)
    expect(readdirSync(dirname(file))).toEqual(['notes.txt'])
  })

  test.each([...readers, 'restore'] as const)('%s of a file that is not there', async (command) => {
    const file = join(temporaryFolder(), 'none.sqlite')
    const run = await selfsame(command, file, ...(command === 'restore' ? [file] : []), '--json')
    expect(run.status).toBe(1)
    expect(jsonOf<Refusal>(run).error.code).toBe('storage-unavailable')
    expect(readdirSync(dirname(file))).toEqual([])
  })

  test('rollback of a database of a newer app', async () => {
    const file = await tooNew()
    const before = sha256(file)
    const run = await selfsame('rollback', file, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf<Refusal>(run).error.code).toBe('schema-too-new')
    expect(sha256(file)).toBe(before)
  })

  test('verify of a damaged database tells the damage or the code, and ends with 1', async () => {
    const file = damaged()
    const before = sha256(file)
    const run = await selfsame('verify', file, '--json')
    expect(run.status).toBe(1)
    const answer = jsonOf<{ ok?: boolean; integrity?: string[]; error?: { code: string } }>(run)
    expect(answer.error?.code === 'corrupt' || (answer.ok === false && (answer.integrity ?? []).length > 0)).toBe(true)
    expect(sha256(file)).toBe(before)
  })
})

describe('a file that another process has locked', () => {
  test('is waited for, then refused, and changed by nobody', async () => {
    const file = legacyFile(temporaryFolder())
    const before = sha256(file)
    const holder = openDatabase(file)
    holder.exec('BEGIN EXCLUSIVE')
    try {
      const [migrate, status] = await Promise.all([
        selfsame('migrate', file, '--json'),
        selfsame('status', file, '--json'),
      ])
      expect([migrate.status, status.status]).toEqual([1, 1])
      expect(jsonOf<Refusal>(migrate)).toMatchObject({ outcome: 'failed', error: { code: 'locked' } })
      expect(jsonOf<Refusal>(status).error.code).toBe('locked')
    } finally {
      holder.exec('ROLLBACK')
      holder.close()
    }
    expect(sha256(file)).toBe(before)
  })
})

describe('a database with frames in its -wal file', () => {
  test('can be looked at, and nothing of its content changes', async () => {
    const file = legacyFile(temporaryFolder())
    change(file, 'PRAGMA journal_mode = WAL')
    const writer = openDatabase(file)
    writer.exec("INSERT INTO logs VALUES ('2026-01-01', 'in the wal only')")
    const before = readAll(file, 'SELECT * FROM logs')
    for (const command of ['status', 'plan', 'verify', 'duplicates', 'backup']) {
      expect((await selfsame(command, file, '--json')).status).toBe(0)
    }
    expect(readAll(file, 'SELECT * FROM logs')).toEqual(before)
    expect(readAll(file, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
    writer.close()
  })
})
