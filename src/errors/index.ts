export { errorCatalogue, type ErrorCode } from './codes.ts'
export { DataLayerError, type ErrorContext, type SqliteCode } from './data-layer-error.ts'
export { redactText, shortenDid } from './redact.ts'
export { sqliteError, sqliteNumberFromMessage, sqliteNumberFromName } from './sqlite-codes.ts'
