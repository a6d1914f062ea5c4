import { describe, expect, it } from 'vitest'
import { ada, bob, launchDataLayer, legacyTables, nobody, openDataLayer } from './open-data-layer.ts'
import { createDataLayer, type DataLayer } from '../../src/data-layer.ts'

const rows = `${legacyTables}
  INSERT INTO settings (id, activeDid, firstName) VALUES (1, '${ada}', 'Master');
  INSERT INTO settings (accountDid, firstName) VALUES ('${ada}', 'Ada');`

const calls: [string, (dataLayer: DataLayer) => Promise<unknown>][] = [
  ['$accountSettings()', ({ platform }) => platform.$accountSettings()],
  ['$accountSettings(did, defaults)', ({ platform }) => platform.$accountSettings(bob, { firstName: 'x' })],
  ['$settings()', ({ platform }) => platform.$settings()],
  ['$getSettings(key)', ({ platform }) => platform.$getSettings('1')],
  ['$getMergedSettings(key, did)', ({ platform }) => platform.$getMergedSettings('1', bob)],
  ['$updateActiveDid(did)', ({ platform }) => platform.$updateActiveDid(bob)],
  ['$updateActiveDid(unknown)', ({ platform }) => platform.$updateActiveDid(nobody)],
  ['$updateActiveDid(null)', ({ platform }) => platform.$updateActiveDid(null)],
  ['$saveSettings(patch)', ({ platform }) => platform.$saveSettings({ firstName: 'x' })],
  ['$saveSettings(patch with activeDid)', ({ platform }) => platform.$saveSettings({ firstName: 'x', activeDid: bob })],
  [
    '$saveSettings(patch with unknown activeDid)',
    ({ platform }) => platform.$saveSettings({ firstName: 'x', activeDid: nobody }),
  ],
  [
    '$saveUserSettings(did, patch)',
    ({ platform }) => platform.$saveUserSettings(bob, { firstName: 'x', activeDid: bob }),
  ],
  ['$saveMySettings(patch)', ({ platform }) => platform.$saveMySettings({ firstName: 'x' })],
  ['$getActiveIdentity()', ({ platform }) => platform.$getActiveIdentity()],
  ['$dbQuery(sql)', ({ platform }) => platform.$dbQuery('SELECT 1')],
  ['accounts.remove(did, { next })', ({ accounts }) => accounts.remove(ada, { next: bob })],
]

describe('one call across the port', () => {
  it.each(calls)('%s', async (_name, call) => {
    const { dataLayer, driver } = await launchDataLayer(rows)
    await call(dataLayer)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(driver.calls).toEqual(['run'])
  })

  it.each(calls)('%s, with somebody listening to the active DID and the old column held', async (name, call) => {
    const { dataLayer, driver } = await launchDataLayer(rows, { migrations: { hold: ['identity-0005'] } })
    dataLayer.platform.onActiveDidChange(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 5))
    driver.calls.length = 0
    await call(dataLayer)
    await new Promise((resolve) => setTimeout(resolve, 5))
    // A removed account may have been the active one, and its removal does not say.
    expect(driver.calls).toEqual(name.startsWith('accounts.remove') ? ['run', 'run'] : ['run'])
  })
})

describe('a launch', () => {
  it('of a current database takes at most two calls after open', async () => {
    const { dataLayer, driver } = openDataLayer(rows)
    await dataLayer.launch()
    await dataLayer.close()
    driver.calls.length = 0
    const again = createDataLayer({ driver })
    expect((await again.launch()).outcome).toBe('current')
    await again.close()
    expect(driver.calls.length).toBeLessThanOrEqual(2)
  })
})
