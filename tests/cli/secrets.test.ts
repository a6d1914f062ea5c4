import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { change, legacyFile, selfsame, temporaryFolder } from './run-selfsame.ts'

const secrets = [
  'CANARY1mnemonic9f8e7d6c5b4a39281706',
  'CANARY2identity0a1b2c3d4e5f60718293',
  'CANARY3public00112233445566778899aa',
  'CANARY4secretffeeddccbbaa9988776655',
]
const person = 'Canary Birdsong'
const did = 'did:ethr:0xCA4A21ca4a21ca4a21ca4a21ca4a21ca4a21CA4A'
const orphan = 'did:ethr:0x0DDBA110ddba110ddba110ddba110ddba110DDBA'

/** A legacy database with values that must not be seen anywhere. */
function withCanaries(state: 'valid' | 'orphan' | 'duplicate'): string {
  const file = legacyFile(temporaryFolder(), { state })
  const [mnemonic, identity, publicKey, secret] = secrets
  change(
    file,
    `UPDATE accounts SET mnemonicEncrBase64 = '${mnemonic}', identityEncrBase64 = '${identity}', publicKeyHex = '${publicKey}'`,
    `UPDATE secret SET secretBase64 = '${secret}'`,
    `UPDATE settings SET firstName = '${person}'`,
    `UPDATE accounts SET did = '${did}' WHERE id = 1${state === 'duplicate' ? ' OR id = 3' : ''}`,
    `UPDATE settings SET activeDid = '${state === 'orphan' ? orphan : did}' WHERE id = 1`,
  )
  return file
}

function secretsIn(text: string): string[] {
  return [...secrets, person].filter((canary) => text.includes(canary))
}

function didsIn(text: string): string[] {
  return text.match(/did:[a-z]+:0x[0-9a-f]{12}/gi) ?? []
}

const calls = [
  ['status'],
  ['plan'],
  ['duplicates'],
  ['verify'],
  ['backup'],
  ['migrate', '--no-backup'],
  ['status'],
  ['verify'],
  ['migrate'],
  ['rollback', '--no-backup'],
]

describe.each(['valid', 'orphan', 'duplicate'] as const)('a database with canaries: %s', (state) => {
  test('people see no secret and no whole DID', async () => {
    const file = withCanaries(state)
    for (const [command = '', ...options] of calls) {
      const { stdout, stderr } = await selfsame(command, file, ...options)
      expect(secretsIn(stdout + stderr)).toEqual([])
      expect(didsIn(stdout + stderr)).toEqual([])
    }
  })

  test('JSON holds no secret, and whole DIDs only where they are the answer', async () => {
    const file = withCanaries(state)
    for (const [command = '', ...options] of calls) {
      const { stdout, stderr } = await selfsame(command, file, ...options, '--json')
      expect(stderr).toBe('')
      expect(secretsIn(stdout)).toEqual([])
      const { error = null } = JSON.parse(stdout) as { error?: unknown }
      expect(didsIn(JSON.stringify(error))).toEqual([])
    }
  })
})

test('the search for canaries finds one', () => {
  expect(secretsIn(`x ${secrets[2]} y`)).toEqual([secrets[2]])
  expect(didsIn(`x ${did}, ${orphan}`)).toHaveLength(2)
})

test('an error that a component throws with a DID and a key in its words is told without them', async () => {
  const folder = temporaryFolder()
  const file = withCanaries('valid')
  const module = join(folder, 'clumsy.mjs')
  writeFileSync(
    module,
    `export default { name: 'clumsy', patches: [{ name: 'clumsy-0001', statements: [{ code: 'throws', async run(tx) {
      const row = await tx.queryOne({ text: 'SELECT did, mnemonicEncrBase64 AS key FROM accounts WHERE id = 1' })
      throw new Error('cannot use ' + row.did + ' with ' + row.key)
    } }] }] }`,
  )
  for (const json of [[], ['--json']]) {
    const run = await selfsame('migrate', file, '--component', module, '--no-backup', ...json)
    expect(run.status).toBe(1)
    expect(run.stdout + run.stderr).toContain('clumsy-0001')
    expect(secretsIn(run.stdout + run.stderr)).toEqual([])
    expect(didsIn(run.stdout + run.stderr)).toEqual([])
  }
})
