import { createApp, type App, type Component } from 'vue'
import { onTestFinished } from 'vitest'
import { createDataLayer, type DataLayer } from '../../src/data-layer.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { countingDriver, type CountingDriver } from '../services/open-data-layer.ts'

export const ada = 'did:ethr:0xada'
export const bob = 'did:ethr:0xbob'

/** A launched data layer in memory with two accounts, and Ada active. */
export async function twoAccounts(): Promise<{ dataLayer: DataLayer; driver: CountingDriver }> {
  const driver = countingDriver(nodeDriver({ filename: ':memory:' }))
  const dataLayer = createDataLayer({ driver })
  onTestFinished(() => dataLayer.close())
  for (const did of [ada, bob])
    await dataLayer.accounts.add({ did, publicKeyHex: '01', mnemonicEncrBase64: 'c2VjcmV0' })
  await dataLayer.identity.activate(ada)
  await dataLayer.settings.save({ firstName: 'All' })
  await dataLayer.settings.saveForAccount(bob, { firstName: 'Bob' })
  driver.calls.length = 0
  return { dataLayer, driver }
}

/** An app of its own on an element of its own, gone when the test is over. */
export function mountApp(root: Component, prepare: (app: App) => void): { app: App; text: () => string } {
  const app = createApp(root)
  prepare(app)
  const element = document.createElement('div')
  app.mount(element)
  onTestFinished(() => {
    if (element.hasChildNodes()) app.unmount()
  })
  return { app, text: () => element.textContent ?? '' }
}
