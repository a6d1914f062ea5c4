import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { driverFor } from '../capacitor/driver-for.ts'
import { encryptionOn } from '../capacitor/encryption.ts'
import { unlockingOn } from '../capacitor/unlock.ts'
import { temporaryFolder } from '../processes/start-launch.ts'
import { iosHost } from './ios-host.ts'

// The settings of capacitor.config.ts, with encryption on.
const settings = { iosDatabaseLocation: 'Library/CapacitorDatabase', iosKeychainPrefix: 'selfsame' }
const hostWith = (encryption: boolean) => iosHost({ settings: { ...settings, iosIsEncryption: encryption } })

encryptionOn(hostWith(true), { databases: settings.iosDatabaseLocation, keys: 'keychain.json' })
unlockingOn(hostWith)

const secretProvider = { read: async () => 'ab'.repeat(32) }

test('a file in Documents that the plugin cannot place does not keep it from taking the key', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'notes.db'), 'not a database')
  const app = await hostWith(true).start(folder)
  onTestFinished(() => app.stop())
  const connection = await driverFor(app, 'ios', 'app', { secretProvider }).open()
  expect((await connection.run([{ text: 'SELECT 1', params: [] }]))[0]?.rows).toEqual([[1]])
  await connection.close()
})

test('a plugin without a prefix for its keychain is unsupported, and no key is made for it', async () => {
  const app = await iosHost({ settings: { iosIsEncryption: true } }).start(temporaryFolder())
  onTestFinished(() => app.stop())
  const written: string[] = []
  const empty = { read: async () => null, write: async (key: string) => void written.push(key) }
  const refused = { code: 'unsupported', message: expect.stringContaining('iosKeychainPrefix') }
  await expect(driverFor(app, 'ios', 'app', { secretProvider: empty }).open()).rejects.toMatchObject(refused)
  await expect(driverFor(app, 'ios', 'app', { secretProvider }).open()).rejects.toMatchObject(refused)
  expect(written).toEqual([])
})

test('an iPhone on which the app is installed again has its keys, and no database: the key serves a new one', async () => {
  const keychain = join(temporaryFolder(), 'keychain.json')
  const host = iosHost({ settings: { ...settings, iosIsEncryption: true }, keychain })
  for (let installation = 1; installation <= 2; installation += 1) {
    const app = await host.start(temporaryFolder())
    const connection = await driverFor(app, 'ios', 'app', { secretProvider }).open()
    await expect(connection.run([{ text: 'CREATE TABLE t (a)', params: [] }])).resolves.toBeDefined()
    await connection.close()
    await app.stop()
  }
})
