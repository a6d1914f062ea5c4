export { driverConformance, type ConformanceTest } from './conformance/index.ts'
export {
  buildLegacyDatabase,
  writeLegacyDatabase,
  type EarlierActiveIdentity,
  type LegacyAddition,
  type LegacyDatabaseOptions,
  type LegacyState,
} from './legacy/index.ts'
