import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reactive } from 'vue'
import { settingsColumns, type SettingsPatch } from '../../src/identity/settings-columns.ts'
import { ada, bob, launchDataLayer, legacyTables, nobody } from './open-data-layer.ts'

const withMaster = `${legacyTables} INSERT INTO settings (id, activeDid, firstName, lastName) VALUES (1, '${ada}', 'Master', 'Row');`
const settingsRows = 'SELECT id, accountDid, firstName, lastName, isRegistered FROM settings ORDER BY id'

describe('$saveSettings', () => {
  it('writes the master row alone, and what it leaves out stays', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(`${withMaster}
      INSERT INTO settings (accountDid, firstName) VALUES ('${ada}', 'Ada');`)
    expect(await dataLayer.platform.$saveSettings({ firstName: 'New', isRegistered: true })).toBe(true)
    expect(rawRows(settingsRows)).toEqual([
      { id: 1, accountDid: null, firstName: 'New', lastName: 'Row', isRegistered: 1 },
      { id: 2, accountDid: ada, firstName: 'Ada', lastName: null, isRegistered: null },
    ])
  })

  it('makes the master row where there is none, beside rows of accounts', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(`${legacyTables}
      INSERT INTO settings (id, accountDid, firstName) VALUES (5, '${ada}', 'Ada');`)
    expect(await dataLayer.platform.$saveSettings({ firstName: 'First' })).toBe(true)
    expect(rawRows(settingsRows)).toMatchObject([{ id: 1, accountDid: null, firstName: 'First' }, { id: 5 }])
  })

  it.each(['TEXT PRIMARY KEY', ''])(
    'finds and makes the master row where settings.id is declared «%s»',
    async (type) => {
      const { dataLayer, rawRows } = await launchDataLayer(`
      CREATE TABLE accounts (did TEXT NOT NULL);
      CREATE TABLE settings (id ${type}, accountDid TEXT, activeDid TEXT, firstName TEXT);`)
      await dataLayer.platform.$saveSettings({ firstName: 'One' })
      await dataLayer.platform.$saveSettings({ firstName: 'Two' })
      expect(rawRows('SELECT firstName FROM settings')).toEqual([{ firstName: 'Two' }])
    },
  )

  it('clears with null and leaves alone with undefined', async () => {
    const { dataLayer } = await launchDataLayer(withMaster)
    await dataLayer.platform.$saveSettings({ firstName: null, lastName: undefined })
    expect(await dataLayer.platform.$settings()).toEqual({ activeDid: ada, lastName: 'Row' })
  })

  it('ignores id and accountDid: a whole settings object that was read can be saved', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(withMaster)
    const old = { ...(await dataLayer.platform.$accountSettings()), id: 7, accountDid: bob, firstName: 'Saved' }
    expect(await dataLayer.platform.$saveSettings(old)).toBe(true)
    expect(rawRows(settingsRows)).toMatchObject([{ id: 1, accountDid: null, firstName: 'Saved' }])
  })

  it('switches the identity in the same transaction', async () => {
    const { dataLayer } = await launchDataLayer(withMaster)
    expect(await dataLayer.platform.$saveSettings({ firstName: 'New', activeDid: bob })).toBe(true)
    expect(await dataLayer.platform.$accountSettings()).toMatchObject({ firstName: 'New', activeDid: bob })
  })

  it.each([{ firstName: 'New', activeDid: nobody }, { activeDid: nobody }])(
    'returns false for a DID without an account, and saves nothing of %j',
    async (patch) => {
      const { dataLayer } = await launchDataLayer(withMaster)
      const before = await dataLayer.platform.$getActiveIdentity()
      expect(await dataLayer.platform.$saveSettings(patch)).toBe(false)
      expect(await dataLayer.platform.$settings()).toEqual({ activeDid: ada, firstName: 'Master', lastName: 'Row' })
      expect(await dataLayer.platform.$getActiveIdentity()).toEqual(before)
    },
  )

  it.each([null, ''])('logs out with activeDid %j', async (none) => {
    const { dataLayer } = await launchDataLayer(withMaster)
    expect(await dataLayer.platform.$saveSettings({ activeDid: none })).toBe(true)
    expect((await dataLayer.identity.get()).activeDid).toBeNull()
  })

  it('rolls the switch back where the row cannot be written', async () => {
    const { dataLayer } = await launchDataLayer(`${withMaster}
      CREATE TRIGGER no_bob BEFORE UPDATE ON settings WHEN new.firstName = 'Bob' BEGIN SELECT RAISE(ABORT, 'no'); END;`)
    await expect(dataLayer.platform.$saveSettings({ firstName: 'Bob', activeDid: bob })).rejects.toMatchObject({
      code: 'sqlite',
      sqlite: { extended: 'SQLITE_CONSTRAINT_TRIGGER' },
    })
    expect((await dataLayer.identity.get()).activeDid).toBe(ada)
  })

  it('says so where a trigger of the app’s own keeps the row from being written, instead of true', async () => {
    const { dataLayer } = await launchDataLayer(`${withMaster}
      CREATE TRIGGER quiet BEFORE UPDATE ON settings BEGIN SELECT RAISE(IGNORE); END;`)
    await expect(dataLayer.platform.$saveSettings({ firstName: 'New' })).rejects.toMatchObject({ code: 'sqlite' })
  })

  it('saves what a Vue component holds, proxies and all', async () => {
    const { dataLayer } = await launchDataLayer(withMaster)
    const box = { name: 'home', bbox: { eastLong: 1, maxLat: 2, minLat: 0, westLong: 0 } }
    const patch = reactive({ searchBoxes: [box], isRegistered: false })
    expect(await dataLayer.platform.$saveSettings(patch)).toBe(true)
    expect((await dataLayer.platform.$settings()).searchBoxes).toEqual([box])
  })
})

describe('$saveUserSettings', () => {
  it('writes the account’s row alone, and never the master’s', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(withMaster)
    expect(await dataLayer.platform.$saveUserSettings(bob, { firstName: 'Bob' })).toBe(true)
    expect(await dataLayer.platform.$saveUserSettings(bob, { lastName: 'Builder' })).toBe(true)
    expect(rawRows(settingsRows)).toMatchObject([
      { id: 1, firstName: 'Master', lastName: 'Row' },
      { accountDid: bob, firstName: 'Bob', lastName: 'Builder' },
    ])
  })

  it('never writes the master row, even one that carries the account’s DID', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(`${legacyTables}
      INSERT INTO settings (id, accountDid, activeDid, firstName) VALUES (1, '${bob}', '${bob}', 'Master');`)
    await dataLayer.platform.$saveUserSettings(bob, { firstName: 'Bob' })
    await dataLayer.platform.$saveMySettings({ lastName: 'Builder' })
    expect(rawRows(settingsRows)).toMatchObject([
      { id: 1, accountDid: bob, firstName: 'Master', lastName: null },
      { id: 2, accountDid: bob, firstName: 'Bob', lastName: 'Builder' },
    ])
  })

  it('does not make an account’s row the master row of an empty table', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(legacyTables)
    await dataLayer.platform.$saveUserSettings(bob, { firstName: 'Bob' })
    expect(rawRows(settingsRows)).toMatchObject([{ id: 2, accountDid: bob }])
    expect(await dataLayer.platform.$settings()).toEqual({})
  })

  it('returns false for a DID without an account, and saves nothing', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(legacyTables)
    expect(await dataLayer.platform.$saveUserSettings(nobody, { firstName: 'X', activeDid: ada })).toBe(false)
    expect(await dataLayer.platform.$saveUserSettings(nobody, {})).toBe(false)
    expect(await dataLayer.platform.$saveUserSettings(bob, { firstName: 'X', activeDid: nobody })).toBe(false)
    expect(rawRows(settingsRows)).toEqual([])
    expect((await dataLayer.identity.get()).activeDid).toBeNull()
  })
})

describe('$saveMySettings', () => {
  it('writes the active account’s row', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(withMaster)
    expect(await dataLayer.platform.$saveMySettings({ firstName: 'Mine' })).toBe(true)
    expect(rawRows(settingsRows)).toMatchObject([
      { id: 1, firstName: 'Master' },
      { accountDid: ada, firstName: 'Mine' },
    ])
  })

  it('writes the master row while nobody is active', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(legacyTables)
    expect(await dataLayer.platform.$saveMySettings({ firstName: 'All' })).toBe(true)
    expect(rawRows(settingsRows)).toMatchObject([{ id: 1, accountDid: null, firstName: 'All' }])
  })

  it('means the account that is active before an activeDid in the patch switches', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(withMaster)
    await dataLayer.platform.$saveMySettings({ firstName: 'Mine', activeDid: bob })
    expect(rawRows(settingsRows)).toMatchObject([{ id: 1 }, { accountDid: ada, firstName: 'Mine' }])
    expect((await dataLayer.identity.get()).activeDid).toBe(bob)
  })
})

describe('a key that is no setting', () => {
  const spellings = [
    'firstName = (SELECT mnemonicEncrBase64 FROM accounts), lastName',
    'FIRSTNAME',
    ' firstName',
    'firstName ',
    '"firstName"',
    'settings.firstName',
    'firstName=firstName--',
    'constructor',
    'toString',
    'hasOwnProperty',
    'id; DROP TABLE settings',
    'rowid',
    '',
    '0',
  ]

  it.each(spellings)('is unknown-setting and writes nothing: «%s»', async (key) => {
    const { dataLayer, driver } = await launchDataLayer(withMaster)
    for (const patch of [{ [key]: 1 }, { firstName: 'New', activeDid: bob, [key]: undefined }]) {
      await expect(dataLayer.platform.$saveSettings(patch as SettingsPatch)).rejects.toMatchObject({
        code: 'unknown-setting',
      })
      await expect(dataLayer.platform.$saveMySettings(patch as SettingsPatch)).rejects.toMatchObject({
        code: 'unknown-setting',
      })
    }
    expect(driver.calls).toEqual([])
  })

  it('is unknown-setting too when it is __proto__ of a parsed JSON', async () => {
    const { dataLayer } = await launchDataLayer(withMaster)
    const patch = JSON.parse('{"__proto__": 1}') as SettingsPatch
    await expect(dataLayer.settings.save(patch)).rejects.toMatchObject({ code: 'unknown-setting' })
  })

  it('is refused in 10,000 random spellings, with nothing sent', async () => {
    const { dataLayer, driver } = await launchDataLayer(withMaster)
    const known = new Set([...Object.keys(settingsColumns), 'id', 'accountDid', 'activeDid'])
    const names = fc.constantFrom(...known)
    const pieces = fc.constantFrom(
      ' ',
      '"',
      "'",
      '`',
      '[',
      ']',
      ';',
      '--',
      '/*',
      '*/',
      '=',
      ',',
      '(',
      ')',
      '.',
      '\0',
      '\n',
      '?',
      '𝒙',
    )
    const key = fc
      .oneof(
        fc.string({ unit: 'binary' }),
        fc.tuple(pieces, names, pieces).map((parts) => parts.join('')),
        fc.tuple(names, pieces, names).map((parts) => parts.join('')),
        names.map((name) => name.toUpperCase()),
        fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype)),
      )
      .filter((candidate) => !known.has(candidate))
    await fc.assert(
      fc.asyncProperty(key, async (candidate) => {
        const patch = Object.defineProperty({ firstName: 'x' }, candidate, {
          value: 1,
          enumerable: true,
        }) as SettingsPatch
        const error = await dataLayer.platform.$saveSettings(patch).catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'unknown-setting' })
      }),
      { numRuns: 10_000 },
    )
    expect(driver.calls).toEqual([])
  })

  it('is unknown-setting for a setting whose column this older database lacks, and nothing is written', async () => {
    const { dataLayer } = await launchDataLayer(withMaster)
    for (const save of ['$saveSettings', '$saveMySettings'] as const) {
      await expect(
        dataLayer.platform[save]({ firstName: 'New', hasBackedUpSeed: true, activeDid: bob }),
      ).rejects.toMatchObject({ code: 'unknown-setting', details: { setting: 'hasBackedUpSeed' } })
    }
    await expect(dataLayer.platform.$saveUserSettings(bob, { vapid: 'x' })).rejects.toMatchObject({
      code: 'unknown-setting',
    })
    expect(await dataLayer.platform.$settings()).toEqual({ activeDid: ada, firstName: 'Master', lastName: 'Row' })
  })
})
