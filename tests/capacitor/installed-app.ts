import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Driver } from 'selfsame'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import type { CapacitorSQLitePlugin } from 'selfsame/capacitor'
import { Database } from '../../src/db/database.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { launchedComponents } from '../processes/launched-components.ts'
import { snapshot, type Snapshot } from '../property/snapshot.ts'
import { driverFor } from './driver-for.ts'
import type { NativeApp, NativeHost, PluginObject } from './host.ts'

export const databaseName = 'app'

/** A folder that is gone when the test is over; a copy of another one's content when that is given. */
export function dataFolder(from?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-phone-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  if (from !== undefined) cpSync(from, folder, { recursive: true })
  return folder
}

/** Starts the app, and ends it when the test is over. */
export async function startApp(host: NativeHost, folder: string): Promise<NativeApp> {
  const app = await host.start(folder)
  onTestFinished(() => app.stop())
  return app
}

/** Installs an app, in a folder, whose database is one from before the migration. */
export async function installLegacyApp(host: NativeHost, folder: string): Promise<void> {
  const app = await host.start(folder)
  const connection = await driverFor(app, host.platform, databaseName).open()
  await writeLegacyDatabase(
    connection,
    buildLegacyDatabase({ accounts: 3, contacts: 4, state: 'orphan', additions: ['tables', 'columns', 'indexes'] }),
  )
  await connection.close()
  await app.stop()
}

/** The driver of an app in which `happen` comes before the crossing of the bridge with a number, which then never ends. */
export function interrupted(
  app: NativeApp,
  host: NativeHost,
  at: number,
  happen: () => Promise<unknown>,
  real: PluginObject = app.page.plugin.CapacitorSQLite,
): { driver: Driver; crossings(): number; happened: Promise<void> } {
  let count = 0
  let tell!: () => void
  const happened = new Promise<void>((resolve) => (tell = resolve))
  const plugin = new Proxy(real, {
    get: (target, method) => async (options?: object) => {
      count += 1
      if (count < at) return target[String(method)]?.(options)
      if (count === at) void happen().then(tell)
      return new Promise(() => undefined)
    },
  })
  const driver = driverFor(app, host.platform, databaseName, { plugin: plugin as unknown as CapacitorSQLitePlugin })
  return { driver, crossings: () => count, happened }
}

export interface Aftermath {
  readonly outcome: string
  readonly content: Snapshot
}

/** Launches the migrations, and says what is there then. */
export async function launchAndLook(driver: Driver): Promise<Aftermath> {
  const connection = await driver.open()
  const db = new Database(connection)
  try {
    const report = await new Migrator({ driver, connection }, launchedComponents).launch()
    const content = await snapshot(db, { without: ['active_identity.lastUpdated'] })
    if (report.error) return { outcome: `${report.outcome}: ${report.error.message}`, content }
    const { ok } = await verifyDatabase(db, launchedComponents)
    return { outcome: ok ? 'usable' : 'not in order', content }
  } finally {
    await db.close()
  }
}

/** Launches until it is interrupted. What it was doing never ends, as in an app that is gone. */
export async function launchUntil({ driver, happened }: { driver: Driver; happened: Promise<void> }): Promise<void> {
  const launch = async () => {
    const connection = await driver.open()
    await new Migrator({ driver, connection }, launchedComponents).launch()
  }
  await Promise.race([launch(), happened])
}

/** Every number up to `last`, or about `few` of them spread over all. */
export function spread(last: number, few: number): number[] {
  const all = Array.from({ length: last }, (_, index) => index + 1)
  if (process.env['SELFSAME_FULL']) return all
  return all.filter((number) => number % Math.ceil(last / few) === 0)
}
