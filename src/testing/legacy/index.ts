export { buildLegacyDatabase } from './build-legacy-database.ts'
export type { EarlierActiveIdentity, LegacyAddition, LegacyDatabaseOptions, LegacyState } from './legacy-options.ts'
export { writeLegacyDatabase } from './write-legacy-database.ts'
