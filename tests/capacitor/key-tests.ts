import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CapacitorSQLitePlugin } from 'selfsame/capacitor'
import { expectEqual } from '../../src/testing/conformance/expectations.ts'
import { run } from '../../src/testing/conformance/conformance-test.ts'
import { driverFor } from './driver-for.ts'
import type { NativeApp } from './host.ts'
import type { PageTest } from './page-tests.ts'

function keeper() {
  let kept: string | null = null
  return {
    read: async () => kept,
    write: async (secret: string) => {
      kept = secret
    },
  }
}

async function folderOf(app: NativeApp): Promise<string> {
  const plugin = app.page.plugin.CapacitorSQLite as unknown as CapacitorSQLitePlugin
  const where = { database: 'probe', readonly: false }
  await plugin.createConnection({ ...where, encrypted: false, mode: 'no-encryption', version: 1 })
  const { url = '' } = await plugin.getUrl(where)
  await plugin.closeConnection(where)
  return dirname(fileURLToPath(url))
}

/** What the plugin's one key for all databases does to an app. The host has encryption switched on. */
export const keyTests: readonly PageTest[] = [
  {
    name: 'the key itself encrypts a database, and the next page opens it',
    encrypted: true,
    run: async (app, platform, name) => {
      const secretProvider = keeper()
      // On iOS Documents is where the app's databases are, unless it says otherwise: anything may lie there.
      if (platform === 'ios') await writeFile(join(await folderOf(app), 'notes.db'), 'no database')
      const connection = await driverFor(app, platform, name, { secretProvider }).open()
      await run(connection, 'CREATE TABLE a (n)')
      await app.reload()
      const next = await driverFor(app, platform, name, { secretProvider }).open()
      expectEqual((await run(next, 'SELECT n FROM a')).rows, [])
      await next.close()
    },
  },
  {
    name: 'a database that is opened with a key leaves another one its connection',
    encrypted: true,
    run: async (app, platform, name) => {
      const secretProvider = keeper()
      const first = await driverFor(app, platform, name, { secretProvider }).open()
      await run(first, 'CREATE TEMP TABLE a (n)')
      const second = await driverFor(app, platform, `${name}-2`, { secretProvider }).open()
      expectEqual((await run(first, 'SELECT n FROM a')).rows, [])
      await second.close()
      await first.close()
    },
  },
]
