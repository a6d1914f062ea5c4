import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDataLayer, DataLayerError, platformDriver } from 'selfsame'
import { capacitorDriver } from 'selfsame/capacitor'
import { electronDriver } from 'selfsame/electron'
import { nodeDriver } from 'selfsame/node'
import { webDriver } from 'selfsame/web'
import { temporaryPath } from './db/drivers/temporary-path.ts'
import { desktopApp } from './electron/stand-in/desktop-app.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

function onPlatform(name: string) {
  vi.stubGlobal('Capacitor', { getPlatform: () => name })
}

describe('platformDriver', () => {
  it('takes the web driver in a browser', () => {
    const driver = platformDriver({ name: 'app' })
    expect([driver.name, driver.capabilities]).toEqual(['web', webDriver({ name: 'app' }).capabilities])
  })

  it("takes the web driver where Capacitor says 'web'", () => {
    onPlatform('web')
    const driver = platformDriver({ name: 'app', web: { storage: ['memory'] } })
    expect(driver.capabilities).toEqual(webDriver({ name: 'app', storage: ['memory'] }).capabilities)
  })

  it.each(['ios', 'android'])('takes the Capacitor driver on %s', (platform) => {
    onPlatform(platform)
    const driver = platformDriver({ name: 'app' })
    expect([driver.name, driver.capabilities]).toEqual(['capacitor', capacitorDriver({ name: 'app' }).capabilities])
  })

  it('takes the Electron driver where a preload has exposed the database', () => {
    vi.stubGlobal('selfsameDatabase', { call: async () => undefined, listen: () => () => undefined })
    const driver = platformDriver({ name: 'app' })
    expect([driver.name, driver.capabilities]).toEqual(['electron', electronDriver({ name: 'app' }).capabilities])
  })

  it('reaches the copies of a database that does not open, where that driver does', async () => {
    const file = nodeDriver({ filename: temporaryPath('app.sqlite') })
    const connection = await file.open()
    const copy = await connection.copies?.write({})
    await connection.close()
    const broken = { ...file, open: () => Promise.reject(new DataLayerError('corrupt')) }
    const { window } = desktopApp(broken, { onError: () => undefined }).openWindow()
    vi.stubGlobal('selfsameDatabase', window.world['selfsameDatabase'])
    const { recovery } = createDataLayer({ driver: platformDriver({ name: 'app' }) })
    expect(await recovery.list()).toMatchObject([{ location: copy?.location }])
  })

  it('gives the plugin it is given, and passes faults on as they are', async () => {
    onPlatform('ios')
    const plugin = { createConnection: () => Promise.reject(new Error('CreateConnection: broken')) }
    const driver = platformDriver({ name: 'app', capacitor: { plugin: plugin as never } })
    await expect(driver.open()).rejects.toBeInstanceOf(DataLayerError)
  })
})
