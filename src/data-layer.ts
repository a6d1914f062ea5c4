import { belongingQueries } from './db/migration/checks/belonging.ts'
import type { Component, SetUpArguments } from './db/migration/component.ts'
import { patchOrder } from './db/migration/patch-order.ts'
import { Database } from './db/database.ts'
import type { Driver, StorageStatus } from './db/driver.ts'
import type { LaunchListener, LaunchReport } from './db/migration/launch-report.ts'
import type {
  ComponentStatus,
  DropReport,
  MigrationOptions,
  MigrationPlan,
  RollbackReport,
  SetUpReport,
  Watching,
} from './db/migration/migrator-types.ts'
import type { RepairEntry } from './db/migration/ledger/repair-log.ts'
import { mustNotShareNames } from './db/migration/repeatables/taken-names.ts'
import { DataLayerError } from './errors/index.ts'
import { identityComponent } from './identity/component.ts'
import { AccountsService } from './services/accounts-service.ts'
import { ActiveDid } from './services/active-did.ts'
import { countActiveIdentities } from './services/active-identity-statements.ts'
import { BackupService } from './services/backup-service.ts'
import { IdentityService } from './services/identity-service.ts'
import { launchedConnection } from './services/launched-connection.ts'
import { Launcher, type DataLayerStatus, type LaunchOptions } from './services/launcher.ts'
import { guardLogger, silentLogger, type Logger } from './services/logger.ts'
import { neverReactive } from './services/never-reactive.ts'
import { PlatformService } from './services/platform-service.ts'
import { registerPlatformService } from './services/platform-service-factory.ts'
import { SettingsService } from './services/settings-service.ts'
import { installDataLayer, type InstallableApp } from './vue/plugin.ts'

export interface DataLayerOptions {
  readonly driver: Driver
  /** What the database consists of; the identity component alone unless said. */
  readonly components?: readonly Component[]
  readonly migrations?: MigrationOptions
  /** Silent unless given. */
  readonly logger?: Logger
}

/** The history of the database's components. */
export interface Migrations {
  /** What a launch would do. Changes nothing; works before the launch too. */
  plan(): Promise<MigrationPlan>
  /** Which patches are applied, which are pending and which wait. Works before the launch too. */
  status(): Promise<ComponentStatus[]>
  /** What migrations found wrong or set aside, oldest first, and whether a rollback has given it back. Works before the launch too. */
  repairs(): Promise<RepairEntry[]>
  /**
   * Undoes patches, back to `to` or as far as they can be undone, and then closes the data layer, whose services need the
   * newer schema. Where nothing was to be undone it stays open.
   */
  rollback(options?: Watching & { readonly to?: string }): Promise<RollbackReport>
  /**
   * Runs the deferred set-up that patches have registered, with arguments that are known only now. Launches first. What is
   * finished is not run again, and what was cut off goes on.
   *
   * @throws {DataLayerError} `patch-failed` for a step, which is undone, while those before it stay; whatever refuses a launch
   */
  setUp(args: SetUpArguments, options?: Watching): Promise<SetUpReport>
  /**
   * Takes a component out of the database, with everything that it created, and then closes the data layer: the one that
   * comes next should not name the component, since a launch would make it again.
   *
   * @throws {DataLayerError} `missing-requirement` while another component requires it, `unsupported` when it is not there
   */
  drop(component: string, options?: Watching): Promise<DropReport>
}

/** One database with everything that reads and writes it. A Vue plugin too: `app.use(dataLayer)`. */
export interface DataLayer {
  readonly status: DataLayerStatus
  /** What the launch did; `null` until it is done. */
  readonly report: LaunchReport | null
  /** Where the database is kept, and whether it lasts; `null` until launched, and where there is only one place. */
  readonly storage: StorageStatus | null
  readonly db: Database
  readonly accounts: AccountsService
  readonly settings: SettingsService
  readonly identity: IdentityService
  readonly backup: BackupService
  /**
   * The same without a launch: what is left, to export the data or put a copy back, when the launch was refused or failed.
   * Where copies are files, they are listed and put back though the database is damaged, or its key another.
   */
  readonly recovery: BackupService
  readonly migrations: Migrations
  /** The members that components call as `this.$…`. */
  readonly platform: PlatformService
  /**
   * Opens the database and migrates it, the first time; after that it gives the same report. It never rejects: look at
   * `outcome`. Every service call starts it or waits for it, and after a refused or failed one rejects with its `error`.
   */
  launch(options?: LaunchOptions): Promise<LaunchReport>
  onStatusChange(listener: (status: DataLayerStatus) => void): () => void
  /** Calls `listener` with each thing a launch does, until it is done. */
  onProgress(listener: LaunchListener): () => void
  /** Lets what is under way finish and closes the database. Every call after it rejects with `closed`. */
  close(): Promise<void>
  /** Called by Vue's `app.use`: provides the data layer, puts the `$` members on every component, and launches. */
  install(app: InstallableApp): void
}

/**
 * Makes the data layer of one database. Nothing is opened yet: `launch()`, `app.use()` or the first call does that.
 *
 * @throws {DataLayerError} `unsupported` without a driver
 * @example
 * const dataLayer = createDataLayer({ driver: nodeDriver({ filename: 'app.sqlite' }) })
 * const report = await dataLayer.launch({ onProgress: (event) => console.log(event.type) })
 * if (report.error) throw report.error
 * const { firstName, activeDid } = await dataLayer.settings.forAccount()
 */
export function createDataLayer(options: DataLayerOptions): DataLayer {
  const { driver, components = [identityComponent()], migrations = {} } = options ?? {}
  if (typeof driver?.open !== 'function') {
    throw new DataLayerError(
      'unsupported',
      'createDataLayer needs a driver, for example { driver: nodeDriver({ filename }) }.',
    )
  }
  // Components that contradict each other are the developer's to see, when the app starts.
  patchOrder(components)
  mustNotShareNames(components)
  const logger = guardLogger(options.logger ?? silentLogger)
  let movedIdentities: Promise<number> = Promise.resolve(0)
  const launcher = new Launcher({
    driver,
    components,
    migrations,
    logger,
    onReady: (connection, { applied }) => {
      if (!applied.includes('identity-0004')) return
      movedIdentities = countActiveIdentities(connection)
      // Who asks gets the fault; that nobody has asked yet is not an unhandled one.
      movedIdentities.catch(() => undefined)
    },
  })
  const db = new Database(launchedConnection(launcher, driver.name))
  const activeDid = new ActiveDid(db, logger)
  const settings = new SettingsService(db, activeDid)
  const identity = new IdentityService(db, activeDid)

  const close = async () => {
    unregister()
    activeDid.end()
    await db.close()
  }
  const rollback: Migrations['rollback'] = async (rollbackOptions) => {
    await launcher.connection()
    const report = await launcher.migrations((migrator) => migrator.rollback(rollbackOptions))
    if (report.reverted.length > 0) await close()
    return report
  }
  const launch = (launchOptions?: LaunchOptions) => launcher.launch(launchOptions)
  const platform = new PlatformService(
    { db, settings, identity, launch, rollback, movedIdentities: () => movedIdentities },
    activeDid,
  )
  const unregister = registerPlatformService(platform)

  const accounts = new AccountsService(db)
  const { backupDirectory: directory, lockTimeoutMs } = migrations
  const copying = { directory, belongs: belongingQueries(components), lockTimeoutMs }
  const backup = new BackupService(async (work) => work(await launcher.connection()), copying, close)
  const recovery = new BackupService((work, unopened) => launcher.aside(work, unopened), copying, close)
  const dataLayer: DataLayer = {
    get status() {
      return launcher.status
    },
    get report() {
      return launcher.report
    },
    get storage() {
      return launcher.storage
    },
    db,
    accounts,
    settings,
    identity,
    backup,
    recovery,
    migrations: {
      plan: () => launcher.migrations((migrator) => migrator.plan()),
      status: () => launcher.migrations((migrator) => migrator.status()),
      repairs: () => launcher.migrations((migrator) => migrator.repairs()),
      rollback,
      setUp: async (args, setUpOptions) => {
        await launcher.connection()
        return launcher.migrations((migrator) => migrator.setUp(args, setUpOptions))
      },
      drop: async (component, dropOptions) => {
        await launcher.connection()
        const report = await launcher.migrations((migrator) => migrator.drop(component, dropOptions))
        await close()
        return report
      },
    },
    platform,
    launch,
    onStatusChange: (listener) => launcher.onStatus(listener),
    onProgress: (listener) => launcher.onProgress(listener),
    close,
    install: (app) => installDataLayer(app, dataLayer),
  }
  for (const object of [dataLayer, db, platform, accounts, settings, identity, backup, recovery]) neverReactive(object)
  return dataLayer
}
