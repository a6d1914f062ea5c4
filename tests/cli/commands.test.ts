import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { change, jsonOf, legacyFile, readAll, selfsame, sha256, temporaryFolder } from './run-selfsame.ts'

const patches = ['identity-0001', 'identity-0002', 'identity-0003', 'identity-0004', 'identity-0005']
const activeDid = (file: string) => readAll(file, 'SELECT activeDid FROM settings WHERE id = 1')

interface Status {
  legacy: boolean
  components: { name: string; applied: { name: string; adopted: boolean }[]; pending: string[]; held: string[] }[]
  identity: { activeDid: string | null; lastUpdated: string } | null
}

interface Report {
  outcome: string
  applied: string[]
  adopted: string[]
  held: string[]
  repairs: { kind: string; table: string; column: string; value: string | null }[]
  backup: string | null
  durationMs: number
  error?: { code: string; message: string; details: Record<string, unknown> }
}

describe('status', () => {
  test('tells what is pending in a legacy database, and changes nothing', async () => {
    const file = legacyFile(temporaryFolder())
    const before = sha256(file)
    const run = await selfsame('status', file, '--json')
    expect(run.status).toBe(0)
    expect(jsonOf(run)).toEqual({
      file,
      sqliteVersion: expect.stringMatching(/^3\./),
      legacy: true,
      components: [{ name: 'identity', applied: [], pending: patches, held: [], begun: [] }],
      identity: null,
    })
    expect(sha256(file)).toBe(before)
    expect(readdirSync(dirname(file))).toEqual(['app.sqlite'])
  })

  test('tells who is active after a migration, the DID whole in JSON and short for people', async () => {
    const file = legacyFile(temporaryFolder())
    const [{ did }] = readAll(file, 'SELECT did FROM accounts WHERE id = 1') as [{ did: string }]
    await selfsame('migrate', file)
    const status = jsonOf<Status>(await selfsame('status', file, '--json'))
    expect(status.legacy).toBe(false)
    expect(status.identity?.activeDid).toBe(did)
    expect(status.components[0]?.applied.map(({ name, adopted }) => [name, adopted])).toEqual(
      patches.map((name, index) => [name, index === 0]),
    )
    const { stdout } = await selfsame('status', file)
    expect(stdout).toContain(did.slice(-4))
    expect(stdout).not.toContain(did)
  })
})

describe('plan', () => {
  test('lists every pending patch with its statements, and changes no byte', async () => {
    const file = legacyFile(temporaryFolder())
    const before = sha256(file)
    const run = await selfsame('plan', file, '--json')
    const { steps, problems } = jsonOf<{ steps: { patch: string; statements: string[] }[]; problems: unknown[] }>(run)
    expect(run.status).toBe(0)
    expect(problems).toEqual([])
    expect(steps.map(({ patch }) => patch)).toEqual(patches.slice(1))
    expect(steps.every(({ statements }) => statements.length > 0)).toBe(true)
    expect(sha256(file)).toBe(before)
  })

  test('names problems with their rows, and ends with 1', async () => {
    const file = legacyFile(temporaryFolder(), { state: 'duplicate' })
    const [{ did }] = readAll(file, 'SELECT did FROM accounts WHERE id = 1') as [{ did: string }]
    const run = await selfsame('plan', file, '--json')
    const { problems } = jsonOf<{ problems: { code: string; rows: { did: string }[] }[] }>(run)
    expect(run.status).toBe(1)
    expect(problems.map(({ code }) => code)).toEqual(['duplicate-dids'])
    expect(problems[0]?.rows[0]?.did).toBe(did)
  })
})

describe('migrate', () => {
  test('prints the launch report, with the backup of what was there', async () => {
    const file = legacyFile(temporaryFolder())
    const [before] = activeDid(file)
    const run = await selfsame('migrate', file, '--json')
    const report = jsonOf<Report>(run)
    expect(run.status).toBe(0)
    expect(run.stderr).toBe('')
    expect(report).toMatchObject({
      outcome: 'migrated',
      applied: patches.slice(1),
      adopted: ['identity-0001'],
      held: [],
    })
    expect(activeDid(report.backup ?? '')).toEqual([before])
    expect(readAll(file, 'SELECT activeDid FROM active_identity')).toEqual([before])
  })

  test('tells people each patch, the backup and the end', async () => {
    const file = legacyFile(temporaryFolder())
    const run = await selfsame('migrate', file)
    for (const name of patches.slice(1)) expect(run.stderr).toMatch(new RegExp(`${name} +done, [0-9]+ rows?, `))
    expect(run.stderr).toMatch(/^Backup: .+\.sqlite \(\d/m)
    expect(run.stdout).toMatch(/^Migrated: identity-0002/)
    // eslint-disable-next-line no-control-regex
    expect(run.stdout + run.stderr).not.toMatch(/\u001B/)
  })

  test('finds nothing to do the second time', async () => {
    const file = legacyFile(temporaryFolder())
    await selfsame('migrate', file)
    const before = sha256(file)
    const run = await selfsame('migrate', file, '--json')
    expect(jsonOf(run)).toMatchObject({ outcome: 'current', applied: [], backup: null })
    expect(sha256(file)).toBe(before)
  })

  test('creates a missing file', async () => {
    const file = join(temporaryFolder(), 'new.sqlite')
    const run = await selfsame('migrate', file, '--json')
    expect(run.status).toBe(0)
    expect(jsonOf(run)).toMatchObject({ outcome: 'migrated', applied: patches })
    expect(readAll(file, 'SELECT activeDid FROM active_identity')).toEqual([{ activeDid: null }])
  })

  test('repairs an orphan and says so, the DID whole in JSON and short for people', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder, { state: 'orphan' })
    const [{ activeDid: orphan }] = activeDid(file) as [{ activeDid: string }]
    const copy = join(folder, 'copy.sqlite')
    await selfsame('backup', file, '--out', copy)
    const report = jsonOf<Report>(await selfsame('migrate', file, '--json'))
    expect(report.outcome).toBe('repaired')
    expect(report.repairs).toEqual([{ kind: 'orphan', table: 'settings', column: 'activeDid', value: orphan }])
    const { stderr } = await selfsame('migrate', copy)
    expect(stderr).toMatch(/Repaired settings\.activeDid: orphan, was did:ethr:…/)
    expect(stderr).not.toContain(orphan)
  })

  test('holds patches back, goes no further than told, and makes no backup when told', async () => {
    const file = legacyFile(temporaryFolder())
    const first = jsonOf<Report>(await selfsame('migrate', file, '--to', 'identity-0003', '--no-backup', '--json'))
    expect(first).toMatchObject({ applied: ['identity-0002', 'identity-0003'], backup: null })
    const args = ['--hold', 'identity-0005', '--hold', 'identity-0004', '--no-backup', '--json']
    const second = jsonOf<Report>(await selfsame('migrate', file, ...args))
    expect(second).toMatchObject({ outcome: 'current', held: ['identity-0004', 'identity-0005'] })
    const third = await selfsame('migrate', file, '--hold', 'identity-0005', '--no-backup')
    expect(third.stderr).toContain('Held: identity-0005')
    expect(readdirSync(dirname(file))).toEqual(['app.sqlite'])
  })

  test('says why a patch waits', async () => {
    const file = legacyFile(temporaryFolder(), { additions: ['view-of-active-did'] })
    const run = await selfsame('migrate', file)
    expect(run.status).toBe(0)
    expect(run.stderr).toMatch(/identity-0005 waits: the view current_identity reads settings\.activeDid/)
  })

  test('puts the backup where it is told', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const report = jsonOf<Report>(await selfsame('migrate', file, '--backup-dir', join(folder, 'copies'), '--json'))
    expect(dirname(report.backup ?? '')).toBe(join(folder, 'copies'))
    expect(existsSync(report.backup ?? '')).toBe(true)
  })

  test('stops at accounts that share a DID, and gives the command that settles it', async () => {
    const file = legacyFile(temporaryFolder(), { state: 'duplicate' })
    const before = sha256(file)
    const run = await selfsame('migrate', file)
    expect(run.status).toBe(1)
    expect(run.stderr).toContain(`selfsame duplicates ${file} --keep 1`)
    expect(run.stdout).toBe('')
    const report = jsonOf<Report>(await selfsame('migrate', file, '--json'))
    expect(report.outcome).toBe('refused')
    expect(report.error).toMatchObject({
      code: 'duplicate-dids',
      message: expect.any(String),
      details: expect.any(Object),
    })
    expect(sha256(file)).toBe(before)
  })
})

describe('rollback', () => {
  test('goes back to the legacy schema with every row', async () => {
    const file = legacyFile(temporaryFolder())
    const all = 'SELECT * FROM settings'
    const before = readAll(file, all)
    const schema =
      "SELECT sql FROM sqlite_schema WHERE name NOT GLOB 'selfsame_*' AND tbl_name NOT GLOB 'selfsame_*' ORDER BY name"
    const schemaBefore = readAll(file, schema)
    await selfsame('migrate', file)
    const run = await selfsame('rollback', file, '--json')
    expect(run.status).toBe(0)
    expect(jsonOf(run)).toEqual({ reverted: patches.slice(1).toReversed(), backup: expect.stringContaining('backup') })
    expect(readAll(file, all)).toEqual(before)
    expect(readAll(file, schema)).toEqual(schemaBefore)
  })

  test('keeps the patches up to the one it is told, and tells people which went', async () => {
    const file = legacyFile(temporaryFolder())
    await selfsame('migrate', file)
    const run = await selfsame('rollback', file, '--to', 'identity-0003', '--no-backup')
    expect(run.stdout).toContain('Undone: identity-0005, identity-0004')
    const { components } = jsonOf<Status>(await selfsame('status', file, '--json'))
    expect(components[0]?.pending).toEqual(['identity-0004', 'identity-0005'])
  })

  test('does nothing to a database that was never migrated', async () => {
    const file = legacyFile(temporaryFolder())
    const before = sha256(file)
    expect(jsonOf(await selfsame('rollback', file, '--json'))).toEqual({ reverted: [], backup: null })
    expect(sha256(file)).toBe(before)
  })
})

describe('verify', () => {
  test('finds a migrated database in order', async () => {
    const file = legacyFile(temporaryFolder())
    await selfsame('migrate', file)
    const run = await selfsame('verify', file, '--json')
    expect(run.status).toBe(0)
    expect(jsonOf(run)).toMatchObject({
      ok: true,
      integrity: [],
      foreignKeys: [],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(jsonOf<{ invariants: { ok: boolean }[] }>(run).invariants.length).toBeGreaterThan(0)
  })

  test('ends with 1 when a promise is broken, and says which', async () => {
    const file = legacyFile(temporaryFolder())
    await selfsame('migrate', file)
    change(file, "UPDATE active_identity SET activeDid = 'did:ethr:0xgone'")
    const before = sha256(file)
    const run = await selfsame('verify', file, '--json')
    expect(run.status).toBe(1)
    const report = jsonOf<{ ok: boolean; foreignKeys: unknown[]; invariants: { name: string; ok: boolean }[] }>(run)
    expect(report.ok).toBe(false)
    expect(report.foreignKeys).toHaveLength(1)
    expect(report.invariants.filter(({ ok }) => !ok)).toHaveLength(1)
    expect((await selfsame('verify', file)).stdout).toContain('broken')
    expect(sha256(file)).toBe(before)
  })
})

describe('duplicates', () => {
  test('lists accounts that share a DID', async () => {
    const file = legacyFile(temporaryFolder(), { state: 'duplicate' })
    const [{ did }] = readAll(file, 'SELECT did FROM accounts WHERE id = 1') as [{ did: string }]
    const before = sha256(file)
    const run = await selfsame('duplicates', file, '--json')
    expect(jsonOf(run)).toEqual({ duplicates: [{ did, ids: [1, 3] }], quarantined: [] })
    expect(sha256(file)).toBe(before)
    const { stdout } = await selfsame('duplicates', file)
    expect(stdout).toContain('accounts 1, 3')
    expect(stdout).not.toContain(did)
  })

  test('sets the others aside with every column, and the database migrates then', async () => {
    const file = legacyFile(temporaryFolder(), { state: 'duplicate' })
    const [aside] = readAll(file, 'SELECT * FROM accounts WHERE id = 3') as [Record<string, unknown>]
    const run = await selfsame('duplicates', file, '--keep', '1', '--json')
    expect(jsonOf(run)).toEqual({ duplicates: [], quarantined: [3] })
    expect(readAll(file, 'SELECT * FROM selfsame_quarantined_accounts')).toEqual([expect.objectContaining(aside)])
    expect((await selfsame('migrate', file)).status).toBe(0)
  })

  test('refuses an id that shares no DID', async () => {
    const file = legacyFile(temporaryFolder(), { state: 'duplicate' })
    const before = sha256(file)
    const run = await selfsame('duplicates', file, '--keep', '2', '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ error: { code: 'invalid-value' } })
    expect(sha256(file)).toBe(before)
  })
})

describe('backup and restore', () => {
  test('a copy is checked, complete and leaves the file as it is', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const before = sha256(file)
    const out = join(folder, 'copy.sqlite')
    const run = await selfsame('backup', file, '--out', out, '--json')
    expect(run.status).toBe(0)
    expect(jsonOf(run)).toEqual({ file: out, bytes: expect.any(Number), verified: true })
    expect(readAll(out, 'SELECT * FROM accounts')).toEqual(readAll(file, 'SELECT * FROM accounts'))
    expect(sha256(file)).toBe(before)
  })

  test('a copy goes beside the database when nothing else is said', async () => {
    const file = legacyFile(temporaryFolder())
    const { file: copy } = jsonOf<{ file: string }>(await selfsame('backup', file, '--json'))
    expect(dirname(copy)).toBe(dirname(file))
  })

  test('a copy never takes the place of a file that is there', async () => {
    const folder = temporaryFolder()
    const out = join(folder, 'precious')
    writeFileSync(out, 'precious')
    const before = sha256(out)
    const run = await selfsame('backup', legacyFile(folder), '--out', out, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ error: { code: 'backup-failed' } })
    expect(sha256(out)).toBe(before)
  })

  test('restore puts the copy back and keeps what was there', async () => {
    const file = legacyFile(temporaryFolder())
    const before = readAll(file, 'SELECT * FROM settings')
    const { backup } = jsonOf<Report>(await selfsame('migrate', file, '--json'))
    const run = await selfsame('restore', file, backup ?? '', '--json')
    expect(run.status).toBe(0)
    const answer = jsonOf<{ file: string; verified: boolean; undo: string }>(run)
    expect(answer).toMatchObject({ file, verified: true })
    expect(readAll(file, 'SELECT * FROM settings')).toEqual(before)
    expect(readAll(answer.undo, 'SELECT count(*) AS rows FROM active_identity')).toEqual([{ rows: 1 }])
  })

  test('restore repairs a file that is no database any more', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const copy = join(folder, 'copy.sqlite')
    await selfsame('backup', file, '--out', copy)
    writeFileSync(file, 'not a database, whatever its name says')
    expect((await selfsame('restore', file, copy)).status).toBe(0)
    expect(readAll(file, 'SELECT count(*) AS rows FROM accounts')).toEqual([{ rows: 3 }])
  })

  test('restore refuses a file of something else, unless any content is asked for', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const other = join(folder, 'other.sqlite')
    change(other, 'CREATE TABLE accounts (number TEXT)')
    const before = sha256(file)
    const run = await selfsame('restore', file, other, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ error: { code: 'foreign-schema' } })
    expect(sha256(file)).toBe(before)
    expect((await selfsame('restore', file, other, '--any-content')).status).toBe(0)
    expect(readAll(file, 'SELECT name FROM sqlite_schema')).toEqual([{ name: 'accounts' }])
  })

  test('restore refuses a damaged copy and leaves the file as it is', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const before = sha256(file)
    const copy = join(folder, 'copy.sqlite')
    writeFileSync(copy, 'not a copy')
    const run = await selfsame('restore', file, copy, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ error: { code: 'not-a-database' } })
    expect(sha256(file)).toBe(before)
  })
})

describe('demo', () => {
  test.each(['valid', 'none', 'orphan', 'duplicate'])('writes a legacy database: %s', async (state) => {
    const file = join(temporaryFolder(), 'demo.sqlite')
    const run = await selfsame('demo', file, '--accounts', '7', '--state', state, '--json')
    expect(run.status).toBe(0)
    expect(jsonOf(run)).toEqual({ file, accounts: 7, state })
    expect(readAll(file, 'SELECT count(*) AS rows FROM accounts')).toEqual([{ rows: 7 }])
    expect(jsonOf<Status>(await selfsame('status', file, '--json')).legacy).toBe(true)
  })

  test('writes over nothing', async () => {
    const file = join(temporaryFolder(), 'precious')
    writeFileSync(file, '')
    const run = await selfsame('demo', file, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ error: { code: 'storage-unavailable' } })
    expect(readdirSync(dirname(file))).toEqual(['precious'])
  })
})
