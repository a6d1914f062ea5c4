import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verifyDatabase } from '../../src/db/verify.ts'
import { openDatabase, type TestDatabase } from '../db/migration/test-database.ts'
import { identity } from './legacy.ts'

const dids = ['did:x:a', 'did:x:b', 'did:x:c', 'did:x:d']
const did = fc.constantFrom(...dids)
const written = fc.constantFrom(...dids, '', null)

type Operation =
  | { readonly kind: 'older app writes'; readonly value: string | null }
  | { readonly kind: 'older app replaces the master row'; readonly value: string | null }
  | { readonly kind: 'older app deletes the master row' }
  | { readonly kind: 'switch'; readonly value: string | null }
  | { readonly kind: 'add account'; readonly did: string }
  | { readonly kind: 'remove account'; readonly did: string }
  | { readonly kind: 'change DID'; readonly did: string; readonly to: string }

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('older app writes' as const), value: written }),
  fc.record({ kind: fc.constant('older app replaces the master row' as const), value: written }),
  fc.constant({ kind: 'older app deletes the master row' as const }),
  fc.record({ kind: fc.constant('switch' as const), value: fc.constantFrom(...dids, null) }),
  fc.record({ kind: fc.constant('add account' as const), did }),
  fc.record({ kind: fc.constant('remove account' as const), did }),
  fc.record({ kind: fc.constant('change DID' as const), did, to: did }),
)

/** What is said in both places, as the decisions have it. `master` is `undefined` without a master row. */
interface Model {
  readonly accounts: ReadonlySet<string>
  readonly active: string | null
  readonly master: string | null | undefined
}

/** The state after an operation; `undefined` where the database has to refuse it. */
function next({ accounts, active, master }: Model, operation: Operation): Model | undefined {
  switch (operation.kind) {
    case 'older app writes':
      return master === undefined ? { accounts, active, master } : overwrite(operation.value)
    case 'older app replaces the master row':
      // A row that says nothing of the identity is told it; only '' clears.
      return operation.value === null ? { accounts, active, master: active } : overwrite(operation.value)
    case 'older app deletes the master row':
      return { accounts, active, master: undefined }
    case 'switch': {
      const { value } = operation
      if (value !== null && !accounts.has(value)) return undefined
      const same = (master ?? '') === (value ?? '')
      return { accounts, active: value, master: master === undefined || same ? master : value }
    }
    case 'add account':
      if (accounts.has(operation.did)) return undefined
      return {
        accounts: new Set([...accounts, operation.did]),
        active: master === operation.did ? operation.did : active,
        master,
      }
    case 'remove account':
      if (active === operation.did) return undefined
      return { accounts: new Set([...accounts].filter((other) => other !== operation.did)), active, master }
    case 'change DID': {
      const { did: from, to } = operation
      if (!accounts.has(from) || from === to) return { accounts, active, master }
      if (accounts.has(to)) return undefined
      const renamed = new Set([...accounts].map((other) => (other === from ? to : other)))
      if (master === to) return { accounts: renamed, active: to, master }
      if (active === from) return { accounts: renamed, active: to, master: master === undefined ? undefined : to }
      return { accounts: renamed, active, master }
    }
  }

  function overwrite(value: string | null): Model {
    if (value === null || value === '') return { accounts, active: null, master: value }
    return { accounts, active: accounts.has(value) ? value : active, master: value }
  }
}

function statement(operation: Operation): { text: string; params: unknown[] } {
  switch (operation.kind) {
    case 'older app writes':
      return { text: 'UPDATE settings SET activeDid = ? WHERE id = 1', params: [operation.value] }
    case 'older app replaces the master row':
      return { text: 'INSERT OR REPLACE INTO settings (id, activeDid) VALUES (1, ?)', params: [operation.value] }
    case 'older app deletes the master row':
      return { text: 'DELETE FROM settings WHERE id = 1', params: [] }
    case 'switch':
      return { text: 'UPDATE active_identity SET activeDid = ? WHERE id = 1', params: [operation.value] }
    case 'add account':
      return { text: 'INSERT INTO accounts (did) VALUES (?)', params: [operation.did] }
    case 'remove account':
      return { text: 'DELETE FROM accounts WHERE did = ?', params: [operation.did] }
    case 'change DID':
      return { text: 'UPDATE accounts SET did = ? WHERE did = ?', params: [operation.to, operation.did] }
  }
}

async function say(opened: TestDatabase): Promise<Pick<Model, 'active' | 'master'>> {
  const [row] = await opened.rows<{ activeDid: string | null }>('SELECT activeDid FROM settings WHERE id = 1')
  return {
    active: (await opened.value('SELECT activeDid FROM active_identity')) as string | null,
    master: row?.activeDid,
  }
}

test.each(['OFF', 'ON'])(
  'While the old column is held both places say what the model says, recursive_triggers %s',
  async (recursive) => {
    const sequences = fc.array(operation, { minLength: 1, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(sequences, async (operations) => {
        const opened = await openDatabase()
        try {
          await opened.run(
            'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)',
            'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT)',
            `INSERT INTO accounts (did) VALUES ('${dids[0]}'), ('${dids[1]}')`,
            `INSERT INTO settings (id, activeDid) VALUES (1, '${dids[0]}')`,
            `PRAGMA recursive_triggers = ${recursive}`,
          )
          await opened.migrate(identity, { hold: ['identity-0005'] })
          let model: Model = { accounts: new Set(dids.slice(0, 2)), active: dids[0]!, master: dids[0]! }
          for (const step of operations) {
            const after = next(model, step)
            if (after) await opened.run(statement(step))
            else
              await expect(opened.run(statement(step))).rejects.toMatchObject({
                sqlite: { primary: 'SQLITE_CONSTRAINT' },
              })
            model = after ?? model
            expect(await say(opened)).toEqual({ active: model.active, master: model.master })
          }
          expect((await verifyDatabase(opened.db, identity)).ok).toBe(true)
          // Then the column goes and comes back: nothing that was said is lost.
          const before = await opened.snapshot()
          await opened.migrate(identity)
          await opened.rollback(identity, 'identity-0004')
          expect(await opened.snapshot()).toEqual(before)
        } finally {
          await opened.close()
        }
      }),
      { numRuns: 200, seed: 20_261_120 },
    )
  },
)
