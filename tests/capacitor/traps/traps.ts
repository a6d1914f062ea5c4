import type { NativeHost } from '../host.ts'

/** One thing that the plugin or a platform does to an app, what the driver does about it, and who notices when it does not. */
export interface Trap {
  readonly trap: string
  readonly platforms: readonly NativeHost['platform'][]
  /** A file below src. */
  readonly file: string
  /** The handling in that file's text, and what is there when it is taken out. */
  readonly handling: string
  readonly without: string
  /** The name of a conformance test or of a page test. */
  readonly test: string
}

const both = ['android', 'ios'] as const
const driver = 'db/drivers/capacitor'
const reload =
  'a page loaded anew in the middle of a transaction leaves none: the next one writes, and sees nothing of it'

export const traps: readonly Trap[] = [
  {
    trap: 'iOS binds every number as a double; over JSON a 64-bit integer is rounded',
    platforms: both,
    file: `${driver}/bound-values.ts`,
    handling: 'if (isInteger(value)) return `(+CAST(${parameter} AS INTEGER))`',
    without: '',
    test: 'values: five comes back as it went in',
  },
  {
    trap: 'Android reads a whole number of up to 64 bits as an integer, also where it was a double',
    platforms: ['android'],
    file: `${driver}/bound-values.ts`,
    handling: 'return `(+CAST(${parameter} AS REAL))`',
    without: 'return undefined',
    test: 'values: 2^53 as number, beyond which a number is no exact integer comes back as it went in',
  },
  {
    trap: 'iOS binds text up to its first NUL',
    platforms: ['ios'],
    file: `${driver}/bound-values.ts`,
    handling: "return typeof value === 'string' && value.includes('\\0')",
    without: 'return false',
    test: 'values: a text with NUL characters inside comes back as it went in',
  },
  {
    trap: 'iOS gives text up to its first NUL',
    platforms: ['ios'],
    file: `${driver}/cells.ts`,
    handling: 'instr(${value}, char(0)) > 0',
    without: '0',
    test: 'values: a text with NUL characters inside comes back as it went in',
  },
  {
    trap: 'a blob cannot be bound as it is: Android throws, iOS takes it for an object',
    platforms: both,
    file: `${driver}/bound-values.ts`,
    handling: "return `coalesce(x'${hexOf(value)}',${parameter})`",
    without: 'return undefined',
    test: 'values: a blob of all bytes comes back as it went in',
  },
  {
    trap: 'a blob comes back as a list of numbers, and as NULL on iOS when it is empty',
    platforms: both,
    file: `${driver}/cells.ts`,
    handling: "WHEN 'blob' THEN 'b' || hex(${value})",
    without: "WHEN 'blob' THEN ${value}",
    test: 'values: a blob of no bytes comes back as it went in',
  },
  {
    trap: 'an integer beyond 2^53 comes back rounded',
    platforms: both,
    file: `${driver}/cells.ts`,
    handling: 'BETWEEN -9007199254740991 AND 9007199254740991',
    without: 'IS NOT NULL',
    test: 'values: 2^53 + 1 as bigint comes back as it went in',
  },
  {
    trap: 'an infinity has no JSON: Android gives NULL, and on iOS the app ends',
    platforms: both,
    file: `${driver}/cells.ts`,
    handling: "CASE WHEN abs(${value}) = 9e999 THEN 'r' || ${value} ELSE ${value} END",
    without: '${value}',
    test: 'an infinity that SQLite made comes back',
  },
  {
    trap: "iOS puts a row of the columns' names before the rows",
    platforms: ['ios'],
    file: `${driver}/bridge.ts`,
    handling: 'if (Array.isArray(names)) return',
    without: 'if (false) return',
    test: 'results: rows come in the order asked for',
  },
  {
    trap: 'rows are objects: of two columns with one name one is lost, of no rows the names',
    platforms: both,
    file: `${driver}/statement-runner.ts`,
    handling: "if (kind === 'read') return this.#read(statement)",
    without: "if (kind === 'read') return this.#runBare(statement)",
    test: 'results: two columns of one name are both there',
  },
  {
    trap: 'Android does not find a column whose name has a dot in it',
    platforms: ['android'],
    file: `${driver}/reader.ts`,
    handling: '/col -1 from CursorWindow/',
    without: '/nothing/',
    test: 'columns are called what they are called, also with dots, as numbers and twice',
  },
  {
    trap: 'changed rows are counted with those of triggers and foreign key actions',
    platforms: both,
    file: `${driver}/statement-runner.ts`,
    handling: '!effects.nested && ',
    without: '',
    test: 'changes: rows of a foreign key action are not counted',
  },
  {
    trap: 'lastId is there after every statement, with the rowid of an earlier one',
    platforms: both,
    file: `${driver}/statement-runner.ts`,
    handling: 'const inserted = effects.inserts && changes > 0',
    without: 'const inserted = true',
    test: 'lastInsertId: it is absent after everything that put no row in',
  },
  {
    trap: 'lastId is rounded beyond 2^53',
    platforms: both,
    file: `${driver}/statement-runner.ts`,
    handling: ' && Number.isSafeInteger(lastInsertId)',
    without: '',
    test: 'lastInsertId: it is exact beyond 2^53',
  },
  {
    trap: 'RETURNING is cut away or emulated by reading the text',
    platforms: both,
    file: `${driver}/statement-kind.ts`,
    handling: "return returningIndex(tokens) < 0 ? 'write' : 'returning'",
    without: "return 'write'",
    test: 'results: RETURNING gives the rows as they were written',
  },
  {
    trap: "with transaction: true, the default, a statement ends the caller's transaction or fails in it",
    platforms: both,
    file: `${driver}/bridge.ts`,
    handling: 'transaction: false,\n    })\n    return { total',
    without: 'transaction: true,\n    })\n    return { total',
    test: 'transactions: what the body wrote is kept when it resolves',
  },
  {
    trap: 'Android cannot end a transaction whose COMMIT was refused',
    platforms: ['android'],
    file: `${driver}/bridge.ts`,
    handling: "const hidden = ';'",
    without: "const hidden = ''",
    test: 'transactions: a commit that a deferred foreign key refuses rolls back',
  },
  {
    trap: 'nothing keeps the statements of two callers apart between begin and commit',
    platforms: both,
    file: 'db/session-queue.ts',
    handling: 'const turn = this.#tail.then(work)',
    without: 'const turn = Promise.resolve().then(work)',
    test: 'sessions: nobody else runs between two statements of one',
  },
  {
    trap: 'of two statements in one text the second is silently left out',
    platforms: both,
    file: 'db/statement.ts',
    handling: 'if (count !== 1) {',
    without: 'if (count < 0) {',
    test: 'statements: two in one text are refused, and neither runs',
  },
  {
    trap: 'a boolean, a date or an object is bound as another thing on each platform, or as NULL',
    platforms: both,
    file: 'db/values.ts',
    handling: 'default:\n      throw invalid(',
    without: "default:\n      if (typeof value === 'boolean') return value as never\n      throw invalid(",
    test: 'values: true is refused before it reaches the engine',
  },
  {
    trap: 'parameters that are missing are NULL, and on iOS those too many are left out',
    platforms: both,
    file: 'db/parameters.ts',
    handling: 'if (params.length === expected) return',
    without: 'return',
    test: 'parameters: too few are refused',
  },
  {
    trap: 'an error has no code, only words with SQLite’s inside',
    platforms: both,
    file: `${driver}/plugin-error.ts`,
    handling: 'const fromWords = sqliteNumberFromMessage(message)',
    without: 'const fromWords = 1',
    test: 'errors: DELETE FROM parent fails as SQLITE_CONSTRAINT_TRIGGER',
  },
  {
    trap: "an error of Android's quotes the statement's text",
    platforms: ['android'],
    file: `${driver}/plugin-error.ts`,
    handling: '/,? while compiling: [^]*$/',
    without: '/nothing/',
    test: "what an error says has no statement's text in it, where a value may stand",
  },
  {
    trap: 'a set fails once a row with the rowid -1 was inserted',
    platforms: both,
    file: `${driver}/statement-set.ts`,
    handling: "await bridge.query({ text: 'ROLLBACK', values: [] }).catch(() => undefined)",
    without: '',
    test: 'a row whose rowid is -1 stops no batch',
  },
  {
    trap: 'a page that is gone has left its connection: «already exists»',
    platforms: both,
    file: `${driver}/open-database.ts`,
    handling: 'if (!isConnectionLeft(error)) throw error',
    without: 'throw error',
    test: reload,
  },
  {
    trap: 'two data layers of one page share a connection after a hot update',
    platforms: both,
    file: `${driver}/capacitor-driver.ts`,
    handling: 'await page.owner?.handOver().catch(() => undefined)',
    without: '',
    test: 'another data layer of the page takes the database over, as after a hot update',
  },
  {
    trap: 'checkConnectionsConsistency, called by anybody in the app, closes everybody’s connections',
    platforms: both,
    file: `${driver}/capacitor-connection.ts`,
    handling: "error.details?.connection === 'gone'",
    without: "error.details?.connection === 'never'",
    test: 'a connection that something else in the app has closed is opened again by the call after the one that met it',
  },
  {
    trap: 'with columns last_modified and sql_deleted every DELETE becomes an UPDATE',
    platforms: both,
    file: `${driver}/schema.ts`,
    handling: "if (!columns.includes('last_modified')",
    without: "if (true || !columns.includes('last_modified')",
    test: 'a schema with last_modified and sql_deleted is not made, and one that is there is refused with the reason',
  },
  {
    trap: 'foreign keys may be off after open, and nothing says so',
    platforms: both,
    file: `${driver}/open-database.ts`,
    handling: 'if (!schema.foreignKeys)',
    without: 'if (schema === (undefined as never))',
    test: 'a connection in which foreign keys are off after open is refused',
  },
  {
    trap: 'iOS ends an app that sleeps with a lock on a file',
    platforms: ['ios'],
    file: `${driver}/app-life.ts`,
    handling: "if (platform === 'ios')",
    without: "if (platform === ('none' as never))",
    test: 'an app that goes to the background lets the database go, and has it again with the next call',
  },
]
