import { readFile } from 'node:fs/promises'
import { capacitorDriver, type CapacitorDriverOptions, type CapacitorSQLitePlugin } from 'selfsame/capacitor'
import type { NativeApp, NativeHost } from './host.ts'

/** The driver as an app on the host has it: with the page's plugin, and the file system where a WebView's server would be. */
export function driverFor(
  app: NativeApp,
  platform: NativeHost['platform'],
  name: string,
  options: Partial<CapacitorDriverOptions> = {},
) {
  return capacitorDriver({
    name,
    platform,
    plugin: app.page.plugin.CapacitorSQLite as unknown as CapacitorSQLitePlugin,
    document: app.page.window.document,
    readFile: async (path) => new Uint8Array(await readFile(path)),
    ...options,
  })
}
