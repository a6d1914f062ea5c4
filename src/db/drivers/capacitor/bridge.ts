import type { BoundStatement } from './bound-values.ts'
import type { CapacitorSQLitePlugin, NativePlatform, PluginRow } from './plugin.ts'

// In front of a text it hides the first word from the plugin, which would rewrite it: DELETE into an UPDATE of sql_deleted,
// RETURNING and what follows the last parenthesis cut away (Database.java, prepareSQL; UtilsSQLCipher.swift, prepareSQL).
// It also hides BEGIN, COMMIT and ROLLBACK from Android's session (SQLiteSession.executeSpecial), which would keep the
// connection to itself: a page that is gone would leave the database locked until the app is ended, a COMMIT that a foreign
// key refuses would leave a transaction that cannot be ended, and ROLLBACK TO would end all of it.
// A comment hides them before Android 15 only (DatabaseUtils.getSqlStatementPrefixOffset); SQLite skips the empty statement.
const hidden = ';'

/** What a statement did, as the plugin counts: triggers and foreign key actions are in it. */
export interface RunAnswer {
  readonly total: number
  readonly lastInsertId: number
}

/** Rows, and their columns' names where the platform says them. */
export interface QueryAnswer {
  readonly rows: readonly PluginRow[]
  readonly columns: readonly string[]
}

/** The calls of the plugin for one open database. Each is one crossing of the bridge; no text of the plugin's is left in. */
export class Bridge {
  readonly #plugin: CapacitorSQLitePlugin
  readonly platform: NativePlatform
  readonly database: string

  constructor(plugin: CapacitorSQLitePlugin, platform: NativePlatform, database: string) {
    this.#plugin = plugin
    this.platform = platform
    this.database = database
  }

  /** Runs one statement of any kind and gives its rows: the one call of the plugin that rewrites nothing. */
  async query({ text, values }: BoundStatement): Promise<QueryAnswer> {
    const { values: rows = [] } = await this.#plugin.query({ ...this.#where, statement: hidden + text, values })
    return this.#withoutColumns(rows)
  }

  /** Runs one statement that gives no rows. */
  async run({ text, values }: BoundStatement): Promise<RunAnswer> {
    const { changes } = await this.#plugin.run({
      ...this.#where,
      statement: hidden + text,
      values,
      // True would commit or roll back a transaction of ours, on each platform another way.
      transaction: false,
    })
    return { total: Number(changes?.changes), lastInsertId: Number(changes?.lastId) }
  }

  /** Runs statements in order until one fails. iOS gives the rows of all of them in one list; Android can give none. */
  async runSet(statements: readonly BoundStatement[]): Promise<readonly PluginRow[]> {
    const { changes } = await this.#plugin.executeSet({
      ...this.#where,
      set: statements.map(({ text, values }) => ({ statement: hidden + text, values: [...values] })),
      transaction: false,
      returnMode: this.platform === 'ios' ? 'all' : 'no',
    })
    return this.#withoutColumns(changes?.values ?? []).rows
  }

  get #where() {
    return { database: this.database, readonly: false }
  }

  // iOS puts a row of the columns' names before the first (UtilsSQLCipher.swift, fetchColumnInfo), and none before no rows.
  #withoutColumns(rows: readonly PluginRow[]): QueryAnswer {
    const names = this.platform === 'ios' ? rows[0]?.['ios_columns'] : undefined
    if (Array.isArray(names)) return { rows: rows.slice(1), columns: names as string[] }
    return { rows, columns: Object.keys(rows[0] ?? {}) }
  }
}
