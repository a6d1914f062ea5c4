/**
 * Every code a {@link DataLayerError} can carry, with what it means to the person who meets it.
 * The text is the error's default message; a call site may say more, never less.
 */
export const errorCatalogue = {
  'unknown-account': 'No account has this DID.',
  'unknown-setting': 'This is not a column of the settings table.',
  'invalid-value': 'This value cannot be stored.',
  'duplicate-dids': 'Two or more accounts share a DID.',
  'schema-too-new': 'The database was written by a newer version of the app.',
  'schema-drift': 'An applied patch differs from the one this app carries.',
  'missing-requirement': 'A patch requires another that is not there.',
  'conflicting-patch': 'Two patches exclude each other.',
  'patch-failed': 'A patch failed; the database is as it was before.',
  'foreign-key-violation': 'The change would break a foreign key.',
  locked: 'The database is locked by another connection.',
  'no-space': 'There is no room left on the storage.',
  'backup-failed': 'The backup could not be written or did not verify.',
  'not-a-database': 'The file is not a SQLite database.',
  'foreign-schema': 'A table has the name of one of ours and another meaning.',
  'wrong-key': 'The key does not open this database.',
  corrupt: 'The database file is damaged.',
  'storage-unavailable': 'The storage cannot be opened.',
  'storage-in-use': 'Another owner holds the storage.',
  'outcome-unknown': 'The writer died after taking the write; read before retrying.',
  closed: 'The database is closed.',
  unsupported: 'This is not supported here.',
  sqlite: 'SQLite reported an error.',
} as const

/** The stable, machine-readable name of what went wrong. */
export type ErrorCode = keyof typeof errorCatalogue
