import { describe, expect, it, vi } from 'vitest'
import { sql } from '../../src/db/sql.ts'
import { silentLogger, type Logger } from '../../src/services/logger.ts'
import { ada, bob, launchDataLayer, legacyTables, nobody } from './open-data-layer.ts'

describe('the active identity', () => {
  it('is null with a time, never an empty text, where nobody is active', async () => {
    const { dataLayer, rawRows } = await launchDataLayer()
    const identity = await dataLayer.identity.get()
    expect(identity).toEqual({
      activeDid: null,
      lastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
    expect(rawRows('SELECT id, activeDid FROM active_identity')).toEqual([{ id: 1, activeDid: null }])
  })

  it('switches to an account that exists, and says when', async () => {
    const { dataLayer } = await launchDataLayer()
    const before = await dataLayer.identity.get()
    expect(await dataLayer.platform.$updateActiveDid(bob)).toBe(true)
    const after = await dataLayer.platform.$getActiveIdentity()
    expect(after.activeDid).toBe(bob)
    expect(after.lastUpdated >= before.lastUpdated).toBe(true)
  })

  it('stays where it is for a DID without an account: false, or unknown-account', async () => {
    const { dataLayer } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    const before = await dataLayer.identity.get()
    expect(await dataLayer.platform.$updateActiveDid(nobody)).toBe(false)
    await expect(dataLayer.identity.activate(nobody)).rejects.toMatchObject({ code: 'unknown-account' })
    expect(await dataLayer.identity.get()).toEqual(before)
  })

  it.each([null, ''])('logs out with %j, and stays one row with NULL in it', async (none) => {
    const { dataLayer, rawRows } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    expect(await dataLayer.platform.$updateActiveDid(none)).toBe(true)
    expect(rawRows('SELECT id, activeDid FROM active_identity')).toEqual([{ id: 1, activeDid: null }])
    await dataLayer.identity.activate(ada)
    await dataLayer.identity.clear()
    expect((await dataLayer.identity.get()).activeDid).toBeNull()
  })

  it.each([undefined, 5, {}, '\ud800'])('refuses %j as a DID: invalid-value, and nobody is logged out', async (did) => {
    const { dataLayer, driver } = await launchDataLayer()
    await expect(dataLayer.platform.$updateActiveDid(did as string)).rejects.toMatchObject({ code: 'invalid-value' })
    await expect(dataLayer.identity.activate(did as string)).rejects.toMatchObject({ code: 'invalid-value' })
    await expect(dataLayer.identity.activate('')).rejects.toMatchObject({ code: 'invalid-value' })
    expect(driver.calls).toEqual([])
  })

  it('cannot be switched to an account that is removed at the same moment: the database decides, not a read before', async () => {
    const { dataLayer } = await launchDataLayer()
    const [, switched] = await Promise.all([dataLayer.accounts.remove(bob), dataLayer.platform.$updateActiveDid(bob)])
    expect(switched).toBe(false)
    expect((await dataLayer.identity.get()).activeDid).toBeNull()
  })

  it('cannot be orphaned by raw SQL', async () => {
    const { dataLayer } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    await expect(dataLayer.db.execute(sql`DELETE FROM accounts WHERE did = ${ada}`)).rejects.toMatchObject({
      code: 'foreign-key-violation',
    })
    expect((await dataLayer.identity.get()).activeDid).toBe(ada)
  })

  it('cannot be orphaned by INSERT OR REPLACE on the active account, which deletes the row before it inserts', async () => {
    const { dataLayer, rawRows } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    await expect(
      dataLayer.db.execute(
        sql`INSERT OR REPLACE INTO accounts (id, dateCreated, did, publicKeyHex) VALUES (1, '2025', ${nobody}, '03')`,
      ),
    ).rejects.toMatchObject({ code: 'foreign-key-violation' })
    expect(rawRows('SELECT id, did FROM accounts')).toEqual([
      { id: 1, did: ada },
      { id: 2, did: bob },
    ])
  })

  it('keeps its one row: it cannot be deleted, and a switch puts back one that is gone all the same', async () => {
    const { dataLayer, raw, rawRows } = await launchDataLayer()
    await expect(dataLayer.db.execute(sql`DELETE FROM active_identity`)).rejects.toMatchObject({ code: 'sqlite' })
    const guards = rawRows(`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'active_identity'`)
    raw(`${guards.map(({ name }) => `DROP TRIGGER "${String(name)}";`).join(' ')} DELETE FROM active_identity;`)
    await expect(dataLayer.identity.get()).rejects.toMatchObject({ code: 'schema-drift' })
    expect(await dataLayer.platform.$updateActiveDid(ada)).toBe(true)
    expect(rawRows('SELECT id, activeDid FROM active_identity')).toEqual([{ id: 1, activeDid: ada }])
  })

  it('counts as none where foreign keys were off in somebody’s connection and the account is gone', async () => {
    const { dataLayer, raw } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    raw(`PRAGMA foreign_keys = OFF; DELETE FROM accounts WHERE did = '${ada}'`)
    expect((await dataLayer.identity.get()).activeDid).toBeNull()
    expect(await dataLayer.platform.$accountSettings()).not.toHaveProperty('activeDid')
  })

  it('follows an account whose DID changes', async () => {
    const { dataLayer } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    await dataLayer.db.execute(sql`UPDATE accounts SET did = ${nobody} WHERE did = ${ada}`)
    expect((await dataLayer.identity.get()).activeDid).toBe(nobody)
  })
})

describe('$activeDid of the platform service', () => {
  it('is what the last switch left, at once and without a further read', async () => {
    const { dataLayer, driver } = await launchDataLayer()
    const heard: (string | null)[] = []
    dataLayer.platform.onActiveDidChange((did) => heard.push(did))
    await vi.waitFor(() => expect(driver.calls).toEqual(['run']))
    await dataLayer.platform.$updateActiveDid(bob)
    expect(dataLayer.platform.$activeDid).toBe(bob)
    await dataLayer.platform.$saveSettings({ activeDid: ada, firstName: 'x' })
    expect(dataLayer.platform.$activeDid).toBe(ada)
    await dataLayer.identity.clear()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(heard).toEqual([bob, ada, null])
    expect(driver.calls).toEqual(['run', 'run', 'run', 'run'])
  })

  it('is found out by the first look, and follows raw SQL and removed accounts', async () => {
    const { dataLayer } = await launchDataLayer(
      `${legacyTables} INSERT INTO settings (id, activeDid) VALUES (1, '${ada}');`,
    )
    expect(dataLayer.platform.$activeDid).toBeNull()
    await vi.waitFor(() => expect(dataLayer.platform.$activeDid).toBe(ada))
    await dataLayer.db.execute(sql`UPDATE active_identity SET activeDid = ${bob}`)
    await vi.waitFor(() => expect(dataLayer.platform.$activeDid).toBe(bob))
    await dataLayer.accounts.remove(bob, { next: ada })
    await vi.waitFor(() => expect(dataLayer.platform.$activeDid).toBe(ada))
  })

  it('does not miss a change of somebody else’s that comes together with one of its own', async () => {
    const { dataLayer } = await launchDataLayer()
    dataLayer.platform.onActiveDidChange(() => undefined)
    await Promise.all([
      dataLayer.platform.$updateActiveDid(ada),
      dataLayer.db.execute(sql`UPDATE active_identity SET activeDid = ${bob}`),
      dataLayer.platform.$saveSettings({ firstName: 'x' }),
    ])
    await vi.waitFor(() => expect(dataLayer.platform.$activeDid).toBe(bob))
  })

  it('follows a switch in another tab, of which only the driver hears', async () => {
    const { dataLayer, driver, raw } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    dataLayer.platform.onActiveDidChange(() => undefined)
    raw(`UPDATE active_identity SET activeDid = '${bob}'`)
    driver.tellOfOthers(['active_identity'])
    await vi.waitFor(() => expect(dataLayer.platform.$activeDid).toBe(bob))
  })

  it('tells nobody any more after close', async () => {
    const { dataLayer } = await launchDataLayer()
    const heard = vi.fn<(activeDid: string | null) => void>()
    dataLayer.platform.onActiveDidChange(heard)
    await dataLayer.close()
    expect(dataLayer.platform.$activeDid).toBeNull()
    expect(heard).not.toHaveBeenCalled()
  })

  it('keeps the last known value where it cannot be read, and logs the code', async () => {
    const warn = vi.fn<Logger['warn']>()
    const logger = { ...silentLogger, warn }
    const { dataLayer, driver } = await launchDataLayer(legacyTables, { logger })
    await dataLayer.platform.$updateActiveDid(ada)
    driver.fault = new Error('broken')
    void dataLayer.platform.$activeDid
    await vi.waitFor(() => expect(warn).toHaveBeenCalled())
    expect(dataLayer.platform.$activeDid).toBe(ada)
  })
})
