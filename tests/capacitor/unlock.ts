import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { CapacitorSQLitePlugin } from 'selfsame/capacitor'
import { driverFor } from './driver-for.ts'
import type { NativeApp, NativeHost } from './host.ts'

const secret = 'cd'.repeat(32)
const secretProvider = { read: async () => secret }

/** @param hostWith the host of an app that has encryption switched on, or off */
export function unlockingOn(hostWith: (encryption: boolean) => NativeHost): void {
  const { platform } = hostWith(true)
  async function startApp(encryption = true): Promise<NativeApp> {
    const folder = mkdtempSync(join(tmpdir(), 'selfsame-unlock-'))
    const app = await hostWith(encryption).start(folder)
    onTestFinished(async () => {
      await app.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    return app
  }

  test('a plugin that is set up without encryption is unsupported, and no key is made for it', async () => {
    const app = await startApp(false)
    const written: string[] = []
    const empty = { read: async () => null, write: async (key: string) => void written.push(key) }
    const refused = { code: 'unsupported', message: expect.stringContaining(`${platform}IsEncryption`) }
    await expect(driverFor(app, platform, 'app', { secretProvider: empty }).open()).rejects.toMatchObject(refused)
    expect(written).toEqual([])
    await expect(driverFor(app, platform, 'app', { secretProvider }).open()).rejects.toMatchObject(refused)
  })

  test('whichever call of the plugin fails, the error is coded and quotes no key', async () => {
    const app = await startApp()
    const real = app.page.plugin.CapacitorSQLite as unknown as CapacitorSQLitePlugin
    const calls = new Set<string>()
    for (let nth = 1; nth < 60; nth += process.env['SELFSAME_FULL'] || nth < 15 ? 1 : 5) {
      let made = 0
      const plugin = new Proxy(real, {
        get: (target, name: keyof CapacitorSQLitePlugin) => async (options: never) => {
          made += 1
          if (made !== nth) return target[name](options)
          calls.add(name)
          throw new Error(`${name}: failed on ${JSON.stringify(options)}`)
        },
      })
      const plain = await driverFor(app, platform, `database-${nth}`).open()
      await plain.run([{ text: 'CREATE TABLE t (a)', params: [] }])
      await plain.close()
      const opened = driverFor(app, platform, `database-${nth}`, { plugin, secretProvider }).open()
      const error = await opened.then(
        (connection) => void connection.close().catch(() => undefined),
        (thrown: Error) => thrown,
      )
      if (error) expect(error, `call ${nth}`).toMatchObject({ name: 'DataLayerError' })
      expect(String(error?.stack), `call ${nth}`).not.toContain(secret)
      if (made < nth) break
    }
    expect([...calls]).toEqual(
      expect.arrayContaining(['isDatabase', 'isSecretStored', 'checkEncryptionSecret', 'query']),
    )
  })

  test('a key in capitals is the same key', async () => {
    const app = await startApp()
    const first = await driverFor(app, platform, 'app', { secretProvider }).open()
    await first.run([{ text: 'CREATE TABLE t (a)', params: [] }])
    await first.close()
    const capitals = { read: async () => secret.toUpperCase() }
    const again = await driverFor(app, platform, 'app', { secretProvider: capitals }).open()
    expect((await again.run([{ text: 'SELECT count(*) FROM t', params: [] }]))[0]?.rows).toEqual([[0]])
    await again.close()
  })
}
