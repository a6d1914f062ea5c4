import type { Driver, DriverCapabilities } from './db/driver.ts'
import type { CapacitorDriverOptions } from './db/drivers/capacitor/index.ts'
import type { WebDriverOptions } from './db/drivers/web/index.ts'

export interface PlatformDriverOptions {
  /** What the database is called, on each platform in its own way. */
  readonly name: string
  /** More for browsers: see `webDriver`. */
  readonly web?: Omit<WebDriverOptions, 'name'>
  /** More for iOS and Android: see `capacitorDriver`. */
  readonly capacitor?: Omit<CapacitorDriverOptions, 'name'>
}

interface PlatformGlobals {
  readonly Capacitor?: { getPlatform?(): string }
  readonly selfsameDatabase?: unknown
}

/**
 * The driver for the platform that the app runs on: Electron where a preload has exposed the database, iOS and Android where
 * Capacitor's native bridge says so, the browser's own storage everywhere else. Only that driver's code is loaded.
 *
 * @example
 * const dataLayer = createDataLayer({ driver: platformDriver({ name: 'app' }) })
 */
export function platformDriver({ name, web, capacitor }: PlatformDriverOptions): Driver {
  const { Capacitor, selfsameDatabase } = globalThis as PlatformGlobals
  if (selfsameDatabase !== undefined) {
    const load = async () => (await import('./db/drivers/electron/index.ts')).electronDriver({ name })
    return loadedLater('electron', { extendedErrorCodes: true, durable: true, multipleConnections: true }, load)
  }
  // The native side puts it there before the page's own scripts run; on the web it is there with @capacitor/core, or not.
  const platform = Capacitor?.getPlatform?.()
  if (platform === 'ios' || platform === 'android') {
    const load = async () =>
      (await import('./db/drivers/capacitor/index.ts')).capacitorDriver({ name, platform, ...capacitor })
    return loadedLater('capacitor', { extendedErrorCodes: false, durable: true, multipleConnections: false }, load)
  }
  const load = async () => (await import('./db/drivers/web/index.ts')).webDriver({ name, ...web })
  const durable = web?.storage?.[0] !== 'memory'
  return loadedLater('web', { extendedErrorCodes: true, durable, multipleConnections: durable }, load)
}

function loadedLater(name: string, capabilities: DriverCapabilities, load: () => Promise<Driver>): Driver {
  let loading: Promise<Driver> | undefined
  let loaded: Driver | undefined
  const driver = () => {
    loading ??= load().then(
      (ready) => (loaded = ready),
      (error: unknown) => {
        // A chunk that did not come may come the next time.
        loading = undefined
        throw error
      },
    )
    return loading
  }
  return {
    name,
    dialect: 'sqlite',
    capabilities,
    open: async (options) => (await driver()).open(options),
    acquireLaunchLock: async (options) => (await driver()).acquireLaunchLock(options),
    // They are asked for when opening has failed: the driver is there by then.
    get copies() {
      return loaded?.copies
    },
  }
}
