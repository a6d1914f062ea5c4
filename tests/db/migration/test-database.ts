import { transactionScope, type Queryable } from '../../../src/db/database.ts'
import type { Driver, DriverConnection } from '../../../src/db/driver.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { sqljsDriver } from '../../../src/db/drivers/sqljs/index.ts'
import type { Component } from '../../../src/db/migration/component.ts'
import type { LaunchEvent, LaunchReport } from '../../../src/db/migration/launch-report.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import type { MigrationOptions, MigrationPlan, RollbackReport } from '../../../src/db/migration/migrator-types.ts'
import type { Row } from '../../../src/db/rows.ts'
import { checkStatement, type Statement } from '../../../src/db/statement.ts'
import { writeLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { snapshot, type Snapshot } from '../../property/snapshot.ts'

export type Engine = 'node' | 'sqljs'

/** The engines that the core of the migration engine is tested on; both in memory. */
export const engines: readonly Engine[] = ['node', 'sqljs']

const drivers: Readonly<Record<Engine, () => Driver>> = {
  node: () => nodeDriver({ filename: ':memory:' }),
  sqljs: () => sqljsDriver(),
}

export interface LaunchOptions extends MigrationOptions {
  readonly onEvent?: (event: LaunchEvent) => void
  readonly signal?: AbortSignal
}

/** An open database with what the tests of migrations ask of it. */
export interface TestDatabase {
  readonly driver: Driver
  readonly connection: DriverConnection
  readonly db: Queryable
  /** Runs statements one by one, foreign keys on. */
  run(...statements: (string | Statement)[]): Promise<void>
  /** Runs statements in one transaction with foreign keys off, as a tool or an older app would. */
  runUnguarded(...statements: (string | Statement)[]): Promise<void>
  rows<R extends Row = Row>(text: string, ...params: unknown[]): Promise<R[]>
  /** The first column of the first row. */
  value(text: string, ...params: unknown[]): Promise<unknown>
  /** The first column of every row. */
  list(text: string, ...params: unknown[]): Promise<unknown[]>
  snapshot(): Promise<Snapshot>
  launch(components: readonly Component[], options?: LaunchOptions): Promise<LaunchReport>
  /** The same, and throws the report's error. */
  migrate(components: readonly Component[], options?: LaunchOptions): Promise<LaunchReport>
  plan(components: readonly Component[], options?: MigrationOptions): Promise<MigrationPlan>
  rollback(components: readonly Component[], to?: string, options?: MigrationOptions): Promise<RollbackReport>
  close(): Promise<void>
}

export async function openDatabase(engine: Engine | Driver = 'node'): Promise<TestDatabase> {
  const driver = typeof engine === 'string' ? drivers[engine]() : engine
  const connection = await driver.open()
  const db = transactionScope((statements) => connection.run(statements))
  const results = async (text: string, params: unknown[]) =>
    (await connection.run([checkStatement({ text, params })]))[0]?.rows ?? []
  const migrator = (components: readonly Component[], options?: MigrationOptions) =>
    new Migrator({ driver, connection }, components, options)
  const launch: TestDatabase['launch'] = (components, { onEvent, signal, ...options } = {}) =>
    migrator(components, options).launch({ ...(onEvent ? { onEvent } : {}), ...(signal ? { signal } : {}) })
  return {
    driver,
    connection,
    db,
    run: async (...statements) => {
      for (const statement of statements) await connection.run([checkStatement(toStatement(statement))])
    },
    runUnguarded: (...statements) => writeLegacyDatabase(connection, statements.map(toStatement)),
    rows: (text, ...params) => db.query({ text, params }),
    value: async (text, ...params) => (await results(text, params))[0]?.[0],
    list: async (text, ...params) => (await results(text, params)).map(([first]) => first),
    snapshot: () => snapshot(db),
    launch,
    migrate: async (components, options) => {
      const report = await launch(components, options)
      if (report.error) throw report.error
      return report
    },
    plan: (components, options) => migrator(components, options).plan(),
    rollback: (components, to, options) => migrator(components, options).rollback(to === undefined ? {} : { to }),
    close: () => connection.close(),
  }
}

function toStatement(statement: string | Statement): Statement {
  return typeof statement === 'string' ? { text: statement } : statement
}
