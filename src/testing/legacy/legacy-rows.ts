import type { Statement } from '../../db/statement.ts'
import { insertRow } from './insert-row.ts'
import { fakeDid } from './legacy-accounts.ts'
import type { Random } from './random.ts'

/** Contacts, logs, the secret and temporary data: what a migration of the identity has no business with. */
export function legacyRows(counts: { readonly contacts: number; readonly logs: number }, random: Random): Statement[] {
  const statements = [insertRow('secret', { secretBase64: `FAKE-secret-${random.hex(24)}` })]
  for (let index = 0; index < counts.contacts; index += 1) {
    statements.push(
      insertRow('contacts', {
        did: fakeDid(random),
        name: `Contact ${index + 1}${random.chance(0.2) ? ' 🌿' : ''}`,
        contactMethods: JSON.stringify([{ label: 'work', type: 'EMAIL', value: `contact${index + 1}@example.org` }]),
        notes: index % 3 === 0 ? `Met on day ${index + 1};\nsaid "hello" -- it's all here` : null,
        seesMe: index % 2,
        registered: random.chance(0.5) ? 1 : 0,
        iViewContent: 1,
      }),
    )
  }
  for (let index = 0; index < counts.logs; index += 1) {
    const date = new Date(Date.UTC(2024, 5, 1, 8, 0, index)).toISOString()
    statements.push(insertRow('logs', { date, message: `started, run ${index + 1}` }))
  }
  statements.push(insertRow('temp', { id: 'shared-photo', blobB64: 'RkFLRQ==' }))
  return statements
}
