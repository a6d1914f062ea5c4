import type { Baseline } from '../../db/migration/component.ts'
import { activeIdentityDefinition, firstRow, rowGuard } from './active-identity-table.ts'
import { legacySchema } from './legacy-schema.ts'
import { uniqueDidIndex } from './unique-did.ts'

const ofTheEnd = (text: string) => text.replace('  activeDid TEXT,\n', '')

/** The schema at the end of the patches, created in one step. A test holds it against the replay of all of them. */
export const baseline: Baseline = {
  through: 'identity-0005',
  statements: [
    ...legacySchema.statements.filter((step) => typeof step === 'string').map(ofTheEnd),
    uniqueDidIndex,
    activeIdentityDefinition,
    firstRow,
    rowGuard,
  ],
}
