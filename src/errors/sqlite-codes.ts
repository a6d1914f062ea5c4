import type { ErrorCode } from './codes.ts'
import { DataLayerError } from './data-layer-error.ts'
import { redactText } from './redact.ts'

// https://www.sqlite.org/rescode.html: a primary code is the low byte of an extended one.
const primaryCodes: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  2: 'SQLITE_INTERNAL',
  3: 'SQLITE_PERM',
  4: 'SQLITE_ABORT',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  9: 'SQLITE_INTERRUPT',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  12: 'SQLITE_NOTFOUND',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  17: 'SQLITE_SCHEMA',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  21: 'SQLITE_MISUSE',
  22: 'SQLITE_NOLFS',
  23: 'SQLITE_AUTH',
  25: 'SQLITE_RANGE',
  26: 'SQLITE_NOTADB',
}
const extendedCodes: Readonly<Record<number, string>> = {
  257: 'SQLITE_ERROR_MISSING_COLLSEQ',
  261: 'SQLITE_BUSY_RECOVERY',
  262: 'SQLITE_LOCKED_SHAREDCACHE',
  264: 'SQLITE_READONLY_RECOVERY',
  266: 'SQLITE_IOERR_READ',
  267: 'SQLITE_CORRUPT_VTAB',
  270: 'SQLITE_CANTOPEN_NOTEMPDIR',
  275: 'SQLITE_CONSTRAINT_CHECK',
  513: 'SQLITE_ERROR_RETRY',
  516: 'SQLITE_ABORT_ROLLBACK',
  517: 'SQLITE_BUSY_SNAPSHOT',
  520: 'SQLITE_READONLY_CANTLOCK',
  522: 'SQLITE_IOERR_SHORT_READ',
  523: 'SQLITE_CORRUPT_SEQUENCE',
  526: 'SQLITE_CANTOPEN_ISDIR',
  531: 'SQLITE_CONSTRAINT_COMMITHOOK',
  776: 'SQLITE_READONLY_ROLLBACK',
  778: 'SQLITE_IOERR_WRITE',
  779: 'SQLITE_CORRUPT_INDEX',
  782: 'SQLITE_CANTOPEN_FULLPATH',
  787: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  1032: 'SQLITE_READONLY_DBMOVED',
  1034: 'SQLITE_IOERR_FSYNC',
  1043: 'SQLITE_CONSTRAINT_FUNCTION',
  1288: 'SQLITE_READONLY_CANTINIT',
  1290: 'SQLITE_IOERR_DIR_FSYNC',
  1299: 'SQLITE_CONSTRAINT_NOTNULL',
  1544: 'SQLITE_READONLY_DIRECTORY',
  1546: 'SQLITE_IOERR_TRUNCATE',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  1802: 'SQLITE_IOERR_FSTAT',
  1811: 'SQLITE_CONSTRAINT_TRIGGER',
  2058: 'SQLITE_IOERR_UNLOCK',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
  2314: 'SQLITE_IOERR_RDLOCK',
  2323: 'SQLITE_CONSTRAINT_VTAB',
  2570: 'SQLITE_IOERR_DELETE',
  2579: 'SQLITE_CONSTRAINT_ROWID',
  2835: 'SQLITE_CONSTRAINT_PINNED',
  3082: 'SQLITE_IOERR_NOMEM',
  3091: 'SQLITE_CONSTRAINT_DATATYPE',
  3338: 'SQLITE_IOERR_ACCESS',
  3594: 'SQLITE_IOERR_CHECKRESERVEDLOCK',
  3850: 'SQLITE_IOERR_LOCK',
  4106: 'SQLITE_IOERR_CLOSE',
  4874: 'SQLITE_IOERR_SHMSIZE',
  5642: 'SQLITE_IOERR_MMAP',
  8458: 'SQLITE_IOERR_CORRUPTFS',
}

// What an engine that gives no number says in words. The order matters: the first that fits is taken.
const messagePatterns: readonly (readonly [RegExp, number])[] = [
  [/UNIQUE constraint failed/i, 2067],
  [/FOREIGN KEY constraint failed/i, 787],
  [/NOT NULL constraint failed/i, 1299],
  [/CHECK constraint failed/i, 275],
  [/cannot store .* value in .* column/i, 3091],
  [/database is locked|database table is locked/i, 5],
  [/file is not a database|file is encrypted/i, 26],
  [/database disk image is malformed|malformed database schema/i, 11],
  [/database or disk is full/i, 13],
  [/unable to open database/i, 14],
  [/attempt to write a readonly database/i, 8],
  [/disk I\/O error/i, 10],
  [/datatype mismatch/i, 20],
  [/string or blob too big/i, 18],
]

const codesByPrimary: Readonly<Record<string, ErrorCode>> = {
  SQLITE_BUSY: 'locked',
  SQLITE_LOCKED: 'locked',
  SQLITE_PROTOCOL: 'locked',
  SQLITE_FULL: 'no-space',
  SQLITE_NOTADB: 'not-a-database',
  SQLITE_CORRUPT: 'corrupt',
  SQLITE_CANTOPEN: 'storage-unavailable',
  SQLITE_IOERR: 'storage-unavailable',
  SQLITE_READONLY: 'storage-unavailable',
  SQLITE_PERM: 'storage-unavailable',
}

/** The number SQLite's words stand for, where an engine hands over only words; `1` (SQLITE_ERROR) when they are not known. */
export function sqliteNumberFromMessage(message: string): number {
  return messagePatterns.find(([pattern]) => pattern.test(message))?.[1] ?? 1
}

const numbersByName: ReadonlyMap<string, number> = new Map(
  [...Object.entries(primaryCodes), ...Object.entries(extendedCodes)].map(([number, name]) => [name, Number(number)]),
)

/** The number of a result code by its name, for example `SQLITE_BUSY`; `undefined` for a name that is none. */
export function sqliteNumberFromName(name: string): number | undefined {
  return numbersByName.get(name) ?? (name.startsWith('SQLITE_') ? 1 : undefined)
}

/**
 * A coded error for a failure that SQLite reported. It has no cause: the engine's own error may quote the statement's text.
 *
 * @param number SQLite's extended (or primary) result code
 * @param message SQLite's own words; DIDs and anything like a key are taken out
 */
export function sqliteError(number: number, message: string): DataLayerError {
  const primary = primaryCodes[number & 0xff] ?? `SQLITE_${number & 0xff}`
  const extended = extendedCodes[number] ?? primary
  const code: ErrorCode =
    extended === 'SQLITE_CONSTRAINT_FOREIGNKEY' || isRestricted(extended, message)
      ? 'foreign-key-violation'
      : (codesByPrimary[primary] ?? 'sqlite')
  return new DataLayerError(code, redactText(message), { sqlite: { primary, extended } })
}

// ON DELETE and ON UPDATE RESTRICT are compiled to a RAISE, so SQLite calls them a trigger's (src/fkey.c, fkActionTrigger).
function isRestricted(extended: string, message: string): boolean {
  return extended === 'SQLITE_CONSTRAINT_TRIGGER' && /FOREIGN KEY constraint failed/.test(message)
}
