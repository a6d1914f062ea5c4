import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS, settingNames, settingsColumns, type Settings } from '../../src/identity/settings-columns.ts'
import { ada, bob, launchDataLayer, legacyTables, nobody } from './open-data-layer.ts'

const rows = `${legacyTables}
  INSERT INTO settings (id, activeDid, apiServer, firstName, isRegistered, searchBoxes)
    VALUES (1, '${ada}', 'https://master.example', 'Master', 1, '[{"name":"home"}]');
  INSERT INTO settings (accountDid, activeDid, firstName, isRegistered) VALUES ('${ada}', '${bob}', 'Ada', 0);
  INSERT INTO settings (accountDid, firstName, apiServer) VALUES ('${bob}', NULL, 'https://bob.example');`

describe('$accountSettings', () => {
  it('lays the active account’s row over the master row', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    expect(await dataLayer.platform.$accountSettings()).toEqual({
      activeDid: ada,
      apiServer: 'https://master.example',
      firstName: 'Ada',
      isRegistered: false,
      searchBoxes: [{ name: 'home' }],
    })
  })

  it('lays the row of the account that is asked for over the master row, with the true active DID', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    expect(await dataLayer.platform.$accountSettings(bob)).toMatchObject({
      activeDid: ada,
      apiServer: 'https://bob.example',
      isRegistered: true,
    })
  })

  it('does not let NULL in the account’s row hide the master’s value', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    expect((await dataLayer.platform.$accountSettings(bob)).firstName).toBe('Master')
  })

  it('does not let the empty text that older code wrote for no boxes hide the master’s; an empty list does', async () => {
    const { dataLayer, raw } = await launchDataLayer(rows)
    raw(`UPDATE settings SET searchBoxes = '' WHERE accountDid = '${ada}'`)
    expect((await dataLayer.platform.$accountSettings(ada)).searchBoxes).toEqual([{ name: 'home' }])
    raw(`UPDATE settings SET searchBoxes = '[]' WHERE accountDid = '${ada}'`)
    expect((await dataLayer.platform.$accountSettings(ada)).searchBoxes).toEqual([])
  })

  it('puts defaults below the master row, and returns an object of its own', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    const defaults: Settings = { firstName: 'Default', lastName: 'Default', activeDid: nobody }
    const settings = await dataLayer.platform.$accountSettings(bob, defaults)
    expect(settings).toMatchObject({ firstName: 'Master', lastName: 'Default', activeDid: ada })
    settings.lastName = 'changed'
    expect(defaults).toEqual({ firstName: 'Default', lastName: 'Default', activeDid: nobody })
  })

  it('gives the defaults and no active DID where there are no rows at all', async () => {
    const { dataLayer } = await launchDataLayer(legacyTables)
    expect(await dataLayer.platform.$accountSettings(undefined, { firstName: 'Default' })).toEqual({
      firstName: 'Default',
    })
    expect(await dataLayer.platform.$accountSettings(ada, DEFAULT_SETTINGS)).toEqual(DEFAULT_SETTINGS)
    expect(await dataLayer.platform.$accountSettings(null, null as unknown as Settings)).toEqual({})
  })

  it('gives a DID without an account the master row', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    expect((await dataLayer.platform.$accountSettings(nobody)).firstName).toBe('Master')
  })

  it('shows neither the row’s address nor columns that are not ours', async () => {
    const { dataLayer } = await launchDataLayer(`${rows} ALTER TABLE settings ADD COLUMN "odd one" TEXT DEFAULT 'x';`)
    const settings = await dataLayer.platform.$accountSettings(bob, { id: 7, accountDid: bob } as Settings)
    expect(Object.keys(settings).filter((key) => !Object.hasOwn(settingsColumns, key))).toEqual(['activeDid'])
  })

  it.each([['TEXT PRIMARY KEY'], ['INTEGER PRIMARY KEY'], [''], ['REAL'], ['TEXT PRIMARY KEY', 'WITHOUT ROWID']])(
    'finds the master row where settings.id is declared «%s» %s',
    async (type, end = '') => {
      const { dataLayer } = await launchDataLayer(`
        CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT NOT NULL);
        CREATE TABLE settings (accountDid TEXT, activeDid TEXT, firstName TEXT, id ${type}) ${end};
        INSERT INTO accounts (did) VALUES ('${ada}');
        INSERT INTO settings (id, activeDid, firstName) VALUES ('1', '${ada}', 'Master');
        INSERT INTO settings (id, accountDid, firstName) VALUES ('2', '${ada}', NULL);`)
      expect(await dataLayer.platform.$accountSettings()).toEqual({ activeDid: ada, firstName: 'Master' })
    },
  )

  it('prefers the master row stored as a number where an untyped column holds both', async () => {
    const { dataLayer } = await launchDataLayer(`
      CREATE TABLE accounts (did TEXT NOT NULL);
      CREATE TABLE settings (id, accountDid, activeDid, firstName);
      INSERT INTO settings VALUES ('1', NULL, NULL, 'text'), (1, NULL, NULL, 'number');`)
    expect(await dataLayer.platform.$accountSettings()).toEqual({ firstName: 'number' })
  })

  it('never takes the master row for an account’s, whatever accountDid it carries', async () => {
    const { dataLayer } = await launchDataLayer(`${legacyTables}
      INSERT INTO settings (id, accountDid, activeDid, firstName) VALUES (1, '${bob}', '${ada}', 'Master');`)
    expect(await dataLayer.platform.$accountSettings(bob)).toEqual({ activeDid: ada, firstName: 'Master' })
  })

  it('reads a column whose name the database spells in other letters', async () => {
    const { dataLayer } = await launchDataLayer(`
      CREATE TABLE accounts (did TEXT NOT NULL);
      CREATE TABLE settings (ID INTEGER PRIMARY KEY, ACCOUNTDID TEXT, ACTIVEDID TEXT, FIRSTNAME TEXT);
      INSERT INTO settings (id, firstName) VALUES (1, 'Master');`)
    expect(await dataLayer.platform.$accountSettings()).toEqual({ firstName: 'Master' })
  })

  it('takes the active DID from active_identity while settings.activeDid is held', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(rows, { migrations: { hold: ['identity-0005'] } })
    expect(rawRows('PRAGMA table_info(settings)').map(({ name }) => name)).toContain('activeDid')
    await dataLayer.identity.activate(bob)
    expect((await dataLayer.platform.$accountSettings(ada)).activeDid).toBe(bob)
    await dataLayer.identity.clear()
    expect(await dataLayer.platform.$accountSettings(ada)).not.toHaveProperty('activeDid')
  })

  it('has every column of a new database’s settings table in its description', async () => {
    const { rawRows } = await launchDataLayer('')
    const columns = rawRows('PRAGMA table_info(settings)').map(({ name }) => String(name))
    expect(columns.filter((name) => !['id', 'accountDid'].includes(name)).toSorted()).toEqual(settingNames.toSorted())
  })

  it('changes nothing: not one write, with an orphaned account row in the database', async () => {
    const { dataLayer, driver, rawRows } = await launchDataLayer(`${rows}
      INSERT INTO settings (accountDid, firstName) VALUES ('${nobody}', 'orphan');`)
    const before = rawRows('SELECT * FROM settings')
    await dataLayer.platform.$accountSettings(nobody)
    await dataLayer.platform.$getMergedSettings('1', nobody)
    expect(driver.calls).toEqual(['run', 'run'])
    expect(rawRows('SELECT * FROM settings')).toEqual(before)
  })
})

describe('the other readers', () => {
  it('$settings gives the master row alone, over its defaults', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    expect(await dataLayer.platform.$settings({ lastName: 'Default' })).toMatchObject({
      activeDid: ada,
      firstName: 'Master',
      isRegistered: true,
      lastName: 'Default',
    })
  })

  it('$getSettings finds a row by id and by DID, and gives the fallback where there is none', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    const { platform } = dataLayer
    expect((await platform.$getSettings('2')).firstName).toBe('Ada')
    expect((await platform.$getSettings(ada)).firstName).toBe('Ada')
    expect(await platform.$getSettings('99', { firstName: 'Fallback' })).toEqual({
      activeDid: ada,
      firstName: 'Fallback',
    })
    expect(await platform.$getSettings("1' OR '1'='1")).toEqual({ activeDid: ada })
  })

  it('$getMergedSettings merges an account’s row only where a DID is given, and always carries the true active DID', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    const { platform } = dataLayer
    expect(await platform.$getMergedSettings('1')).toMatchObject({ activeDid: ada, firstName: 'Master' })
    expect(await platform.$getMergedSettings('1', ada)).toMatchObject({
      activeDid: ada,
      firstName: 'Ada',
      isRegistered: false,
    })
    expect(await platform.$getMergedSettings('1', bob, { lastName: 'F' })).toMatchObject({
      activeDid: ada,
      lastName: 'F',
    })
  })

  it('settings.get and settings.forAccount say the same', async () => {
    const { dataLayer } = await launchDataLayer(rows)
    expect(await dataLayer.settings.get()).toEqual(await dataLayer.platform.$settings())
    expect(await dataLayer.settings.forAccount()).toEqual(await dataLayer.platform.$accountSettings())
    expect(await dataLayer.settings.forAccount(bob)).toEqual(await dataLayer.platform.$accountSettings(bob))
  })
})
