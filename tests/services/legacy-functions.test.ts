import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS, MASTER_SETTINGS_KEY } from '../../src/identity/settings-columns.ts'
import {
  migrateActiveDidToSeparateTable,
  retrieveSettingsForActiveAccount,
  retrieveSettingsForDefaultAccount,
  rollbackActiveDidMigration,
} from '../../src/services/legacy-functions.ts'
import { ada, bob, launchDataLayer, legacyTables, nobody, openDataLayer } from './open-data-layer.ts'

const active = `${legacyTables}
  INSERT INTO settings (id, activeDid, firstName, isRegistered) VALUES (1, '${ada}', 'Master', 1);
  INSERT INTO settings (accountDid, firstName) VALUES ('${ada}', 'Ada');`

describe('retrieveSettingsFor…', () => {
  it('…DefaultAccount gives the master row over the defaults, and the active DID', async () => {
    openDataLayer(active)
    expect(await retrieveSettingsForDefaultAccount()).toEqual({
      ...DEFAULT_SETTINGS,
      activeDid: ada,
      firstName: 'Master',
      isRegistered: true,
    })
  })

  it('…ActiveAccount lays the active account’s row on top', async () => {
    openDataLayer(active)
    expect(await retrieveSettingsForActiveAccount()).toMatchObject({
      activeDid: ada,
      firstName: 'Ada',
      isRegistered: true,
    })
  })

  it('give the defaults on a new installation, each time an object of its own', async () => {
    openDataLayer('')
    const first = await retrieveSettingsForDefaultAccount()
    first.isRegistered = true
    expect(await retrieveSettingsForDefaultAccount()).toEqual(DEFAULT_SETTINGS)
    expect(await retrieveSettingsForActiveAccount()).toEqual(DEFAULT_SETTINGS)
    expect(Object.isFrozen(DEFAULT_SETTINGS)).toBe(true)
    expect(MASTER_SETTINGS_KEY).toBe('1')
  })

  it('reject with closed where no data layer is open', async () => {
    await expect(retrieveSettingsForDefaultAccount()).rejects.toMatchObject({ code: 'closed' })
    await expect(retrieveSettingsForActiveAccount()).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('migrateActiveDidToSeparateTable', () => {
  it('migrates, and counts the DID it moved, whoever launched', async () => {
    const { dataLayer } = openDataLayer(active)
    const expected = { success: true, errors: [], warnings: [], dataMigrated: 1 }
    expect(await migrateActiveDidToSeparateTable()).toEqual(expected)
    await dataLayer.identity.clear()
    expect(await migrateActiveDidToSeparateTable()).toEqual(expected)
  })

  it.each([
    ['a new installation', ''],
    ['no active DID', `${legacyTables} INSERT INTO settings (id, activeDid) VALUES (1, NULL);`],
    ['an empty one', `${legacyTables} INSERT INTO settings (id, activeDid) VALUES (1, '');`],
    ['no master row', legacyTables],
  ])('is a success with nothing to migrate: %s', async (_what, script) => {
    openDataLayer(script)
    expect(await migrateActiveDidToSeparateTable()).toMatchObject({ success: true, errors: [], dataMigrated: 0 })
  })

  it('does not count an identity that was chosen after the launch', async () => {
    const { dataLayer } = openDataLayer(legacyTables)
    await dataLayer.identity.activate(bob)
    expect(await migrateActiveDidToSeparateTable()).toMatchObject({ success: true, dataMigrated: 0 })
  })

  it('says what was put right, the DID shortened', async () => {
    openDataLayer(`${legacyTables} INSERT INTO settings (id, activeDid) VALUES (1, '${nobody}');`)
    const result = await migrateActiveDidToSeparateTable()
    expect(result).toMatchObject({ success: true, dataMigrated: 0 })
    expect(result.warnings.join('\n')).toContain('orphan')
    expect(result.warnings.join('\n')).not.toContain(nobody)
  })

  it('turns a refused launch into its error’s code and text, DIDs shortened', async () => {
    openDataLayer(
      `${legacyTables} INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2024', '${ada}', '3');`,
    )
    const result = await migrateActiveDidToSeparateTable()
    expect(result).toMatchObject({
      success: false,
      dataMigrated: 0,
      errors: [expect.stringMatching(/^duplicate-dids: /)],
    })
    expect(result.errors.join('\n')).not.toContain(ada)
  })
})

describe('rollbackActiveDidMigration', () => {
  it('brings the legacy schema back with the current active DID, closes the data layer, and is true', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(active)
    await dataLayer.identity.activate(bob)
    expect(await rollbackActiveDidMigration()).toBe(true)
    expect(rawRows('SELECT activeDid, firstName FROM settings ORDER BY id')).toMatchObject([
      { activeDid: bob, firstName: 'Master' },
      { firstName: 'Ada' },
    ])
    expect(dataLayer.status).toBe('closed')
    await expect(rollbackActiveDidMigration()).rejects.toMatchObject({ code: 'closed' })
  })

  it('throws a fault, and the database is as it was', async () => {
    const { driver, dataLayer, rawRows } = await launchDataLayer(active)
    driver.fault = new Error('broken')
    await expect(rollbackActiveDidMigration()).rejects.toThrow(/broken|engine/)
    driver.fault = undefined
    expect((await dataLayer.identity.get()).activeDid).toBe(ada)
    expect(rawRows("SELECT name FROM sqlite_schema WHERE name = 'active_identity'")).toHaveLength(1)
  })
})
