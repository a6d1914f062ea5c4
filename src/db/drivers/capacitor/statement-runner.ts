import { DataLayerError } from '../../../errors/index.ts'
import type { ResultSet, RunOptions } from '../../driver.ts'
import { checkParameterCount } from '../../parameters.ts'
import { runBatch, type BatchEngine } from '../../run-batch.ts'
import type { CheckedStatement } from '../../statement.ts'
import { transactionControl } from '../../transaction-control.ts'
import { decodeInteger, type SqlValue } from '../../values.ts'
import { afterCommit } from './after-commit.ts'
import { bindForPlugin } from './bound-values.ts'
import type { Bridge } from './bridge.ts'
import { decodeBare, decodeCell } from './cells.ts'
import { EffectsFinder, type Effects } from './effects.ts'
import { codedError } from './plugin-error.ts'
import { pragmaSelect } from './pragma.ts'
import { Reader } from './reader.ts'
import { cellsOf, namesByView } from './read-statement.ts'
import { returningCells } from './returning.ts'
import { readSchema, type KnownSchema } from './schema.ts'
import { runAsSet } from './statement-set.ts'
import { statementKind } from './statement-kind.ts'

// A root page may have another number then, and a name may mean another file's table.
const unsettling = new Set(['VACUUM', 'ATTACH', 'DETACH'])

const countsText = 'SELECT changes() AS changes, CAST(last_insert_rowid() AS TEXT) AS last'

/** Whether a statement may bring columns called so; CREATE TABLE AS takes those of a view that its text does not name. */
function mayMakeSoftDelete({ text }: CheckedStatement): boolean {
  return /last_modified|sql_deleted/i.test(text) || /^CREATE\b[^]*\bTABLE\b[^]*\bAS\b/i.test(text.trim())
}

/** Whether SQLite makes a transaction of it; a PRAGMA or VACUUM does another thing outside one than inside. */
function isWholeByItself(statements: readonly CheckedStatement[]): boolean {
  return (
    statements.length === 1 && statements.every(({ text }) => /^(?:write|returning)$/.test(statementKind(text).kind))
  )
}

/** Runs batches on one database, as few calls of the plugin as give the right answer. */
export class StatementRunner {
  readonly #bridge: Bridge
  readonly #effects: EffectsFinder
  readonly #reader: Reader
  readonly #engine: BatchEngine
  /** Texts of which SQLite has said that they are in order as they were written. */
  readonly #compiled = new Set<string>()
  #schema: KnownSchema | undefined
  /** Of the last write, `undefined` where a failed statement or a restored copy may have put rows in. */
  #lastInsertId: string | undefined = '0'
  #transaction: 'none' | 'open' | 'doubtful' = 'none'

  constructor(bridge: Bridge, schema: KnownSchema) {
    this.#bridge = bridge
    this.#schema = schema
    this.#effects = new EffectsFinder(bridge)
    this.#reader = new Reader(bridge)
    this.#engine = {
      runOne: (statement) => this.#runOne(statement),
      control: (text) => this.#control(text),
      coded: codedError,
    }
  }

  /** Whether a transaction may be open. After a failure inside one SQLite may have ended it by itself. */
  get mayBeInTransaction(): boolean {
    return this.#transaction !== 'none'
  }

  async run(statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    try {
      // A write is a transaction of its own, and reads see one state: nobody else writes to this database.
      const reads = statements.every(({ text }) => statementKind(text).kind === 'read')
      const together = statements.length < 2 ? undefined : await this.#together(statements, reads, options)
      if (together) return together
      const alone = this.#transaction === 'none' && (reads || isWholeByItself(statements))
      return await runBatch(this.#engine, statements, alone ? {} : options)
    } catch (error) {
      this.forget()
      if (this.#transaction === 'open') this.#transaction = 'doubtful'
      throw error
    }
  }

  // Where that fails nothing of it is kept, and it is run again one by one: that says which one failed, and why.
  async #together(
    statements: readonly CheckedStatement[],
    reads: boolean,
    { transaction }: RunOptions,
  ): Promise<ResultSet[] | undefined> {
    // In a transaction of the caller's, another one is an error, and rolling it back would end the caller's.
    if (transaction && this.#transaction !== 'none') return undefined
    if (!reads && !transaction) return undefined
    try {
      for (const statement of statements) checkParameterCount(statement)
      const schema = await this.#knownSchema()
      if (reads) return await this.#reader.readAll(statements, schema)
      const done = await runAsSet(this.#bridge, statements, {
        prepareRead: (statement) => this.#reader.prepare(statement, schema),
        effectsOf: (text) => this.#effects.of(text, schema),
      })
      if (done) this.#lastInsertId = done.lastInsertId
      return done?.results
    } catch (error) {
      if (error instanceof DataLayerError && error.code === 'outcome-unknown') throw error
      return undefined
    }
  }

  async #control(text: string): Promise<void> {
    await this.#bridge.query({ text, values: [] })
    this.#follow(text)
  }

  #follow(text: string): void {
    const control = transactionControl(text)
    if (control === 'begin' || control === 'savepoint') this.#transaction = 'open'
    if (control === 'commit' || control === 'rollback') this.#transaction = 'none'
    // The last savepoint of several ends a transaction that a savepoint began; which it was is not known here.
    if (control === 'release' && this.#transaction !== 'none') this.#transaction = 'doubtful'
    if (control?.startsWith('rollback')) this.#forgetSchema()
  }

  async #runOne(statement: CheckedStatement): Promise<ResultSet> {
    const { text } = statement
    const { kind } = statementKind(text)
    if (kind === 'read') return this.#read(statement)
    if (kind === 'write') return this.#write(statement)
    if (kind === 'returning') return this.#writeReturning(statement)
    if (kind === 'pragma') {
      const select = pragmaSelect(text)
      if (select !== undefined) return this.#read({ text: select, params: [] })
      // What foreign keys do and which page is whose may be another thing afterwards.
      this.#forgetSchema()
    }
    return kind === 'other' ? this.#runOther(statement) : this.#runBare(statement)
  }

  async #read(statement: CheckedStatement): Promise<ResultSet> {
    return this.#reader.read(statement, await this.#knownSchema())
  }

  async #write(statement: CheckedStatement): Promise<ResultSet> {
    const effects = await this.#effectsOf(statement.text, await this.#knownSchema())
    const { total, lastInsertId } = await this.#bridge.run(bindForPlugin(statement))
    // What the plugin counts is the statement's own rows where nothing else was set in motion.
    const exact = !effects.nested && Number.isSafeInteger(lastInsertId)
    const counts = exact ? { changes: total, last: String(lastInsertId) } : await this.#counts()
    return this.#written(effects, total === 0 ? { ...counts, changes: 0 } : counts, [], [])
  }

  async #writeReturning(statement: CheckedStatement): Promise<ResultSet> {
    const schema = await this.#knownSchema()
    const effects = await this.#effectsOf(statement.text, schema)
    const rewritten = await returningCells(statement.text, schema, (select) => namesByView(this.#bridge, select))
    if (rewritten?.moved && !this.#compiled.has(statement.text)) {
      await this.#bridge.query({ text: `EXPLAIN ${statement.text}`, values: [] })
      this.#compiled.add(statement.text)
    }
    const bound = bindForPlugin({ ...statement, text: rewritten?.text ?? statement.text })
    const answer = await this.#bridge.query(bound)
    const counts = await this.#counts()
    const columns = rewritten?.columns ?? answer.columns
    const rows = answer.rows.map((row) =>
      rewritten ? cellsOf(row, columns.length).map(decodeCell) : columns.map((column) => decodeBare(row[column])),
    )
    return this.#written(effects, rows.length === 0 ? { ...counts, changes: 0 } : counts, columns, rows)
  }

  async #effectsOf(text: string, schema: KnownSchema): Promise<Effects> {
    const effects = await this.#effects.of(text, schema)
    if (effects.upserts) this.#lastInsertId ??= (await this.#counts()).last
    return effects
  }

  #written(
    effects: Effects,
    { changes, last }: { changes: number; last: string },
    columns: readonly string[],
    rows: readonly SqlValue[][],
  ): ResultSet {
    // An upsert that became an update leaves the rowid of an earlier insert.
    const inserted = effects.inserts && changes > 0 && !(effects.upserts && last === this.#lastInsertId)
    this.#lastInsertId = last
    const lastInsertId = inserted ? { lastInsertId: decodeInteger(BigInt(last)) } : {}
    return { columns, rows, changes, tables: effects.tables, ...lastInsertId }
  }

  async #counts(): Promise<{ changes: number; last: string }> {
    const asked = this.#bridge.query({ text: countsText, values: [] })
    const { rows } = this.#transaction === 'none' ? await afterCommit(() => asked) : await asked
    return { changes: Number(rows[0]?.['changes']), last: String(rows[0]?.['last']) }
  }

  /** DDL and all that is neither reading nor writing rows. */
  async #runOther(statement: CheckedStatement): Promise<ResultSet> {
    const { text } = statement
    if (transactionControl(text)) {
      const result = await this.#runBare(statement)
      this.#follow(text)
      return result
    }
    const effects = await this.#effects.of(text, await this.#knownSchema())
    const { tables } = effects
    if (effects.changesSchema && mayMakeSoftDelete(statement)) return { ...(await this.#runChecked(statement)), tables }
    const result = await this.#runBare(statement)
    if (effects.changesSchema || unsettling.has(statementKind(text).verb)) this.#forgetSchema()
    return { ...result, tables }
  }

  /** Takes the statement back where it made a schema that is refused: an app may go on after the error, and commit. */
  async #runChecked(statement: CheckedStatement): Promise<ResultSet> {
    const send = (text: string) => this.#bridge.query({ text, values: [] })
    await send('SAVEPOINT selfsame_checked')
    try {
      const result = await this.#runBare(statement)
      this.#forgetSchema()
      await this.#knownSchema()
      await send('RELEASE selfsame_checked')
      return result
    } catch (error) {
      // The transaction may be gone with its savepoint; then the statement is too.
      for (const text of ['ROLLBACK TO selfsame_checked', 'RELEASE selfsame_checked'])
        await send(text).catch(() => undefined)
      throw error
    }
  }

  async #runBare(statement: CheckedStatement): Promise<ResultSet> {
    const { rows, columns } = await this.#bridge.query(bindForPlugin(statement))
    return {
      columns,
      rows: rows.map((row) => columns.map((column) => decodeBare(row[column]))),
      changes: 0,
      tables: [],
    }
  }

  async #knownSchema(): Promise<KnownSchema> {
    this.#schema ??= await readSchema(this.#bridge)
    return this.#schema
  }

  /** Forgets what it knows: somebody else has written to the database, or a statement has failed half way. */
  forget(): void {
    this.#forgetSchema()
    this.#lastInsertId = undefined
  }

  #forgetSchema(): void {
    this.#schema = undefined
    this.#effects.forget()
    this.#reader.forget()
    this.#compiled.clear()
  }
}
