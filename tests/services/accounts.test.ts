import { describe, expect, it } from 'vitest'
import { sql } from '../../src/db/sql.ts'
import type { NewAccount } from '../../src/identity/account-columns.ts'
import { ada, bob, launchDataLayer, legacyTables, nobody } from './open-data-layer.ts'

const carol = 'did:peer:carol'

describe('accounts', () => {
  it('are listed in the order they came, and found by DID', async () => {
    const { dataLayer } = await launchDataLayer()
    expect((await dataLayer.accounts.list()).map(({ did }) => did)).toEqual([ada, bob])
    expect(await dataLayer.accounts.get(bob)).toEqual({
      id: 2,
      did: bob,
      dateCreated: '2024-01-02',
      publicKeyHex: '02',
    })
    expect(await dataLayer.accounts.get(nobody)).toBeUndefined()
  })

  it('are added with what they hold, and with the time where none is given', async () => {
    const { dataLayer } = await launchDataLayer()
    const added = await dataLayer.accounts.add({
      did: carol,
      publicKeyHex: '03',
      mnemonicEncrBase64: 'bW4=',
      derivationPath: null,
    })
    expect(added).toEqual({
      id: 3,
      did: carol,
      dateCreated: expect.stringMatching(/^\d{4}-.*Z$/),
      publicKeyHex: '03',
      mnemonicEncrBase64: 'bW4=',
    })
    expect(await dataLayer.accounts.get(carol)).toEqual(added)
  })

  it('are added where an older table has nothing but the DID', async () => {
    const { dataLayer } = await launchDataLayer(`
      CREATE TABLE accounts (did TEXT NOT NULL);
      CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT);`)
    expect(await dataLayer.accounts.add({ did: carol })).toEqual({ did: carol })
    expect(await dataLayer.accounts.list()).toEqual([{ did: carol }])
    await expect(dataLayer.accounts.add({ did: ada, publicKeyHex: '1' })).rejects.toMatchObject({
      code: 'invalid-value',
    })
  })

  it('are not added twice: duplicate-dids, and the first stays as it is', async () => {
    const { dataLayer, rawRows } = await launchDataLayer()
    await expect(dataLayer.accounts.add({ did: ada, publicKeyHex: 'ff' })).rejects.toMatchObject({
      code: 'duplicate-dids',
    })
    expect(rawRows(`SELECT publicKeyHex FROM accounts WHERE did = '${ada}'`)).toEqual([{ publicKeyHex: '01' }])
  })

  it.each([
    [{ did: '' }],
    [{ did: 5 }],
    [{}],
    [null],
    [{ did: carol, publicKeyHex: 5 }],
    [{ did: carol }],
    [{ did: carol, publicKeyHex: null }],
    [{ did: carol, publicKeyHex: '1', 'did) VALUES (1); --': 'x' }],
    [{ did: carol, publicKeyHex: '1', constructor: 'x' }],
  ])('are refused as invalid-value, with nothing stored: %j', async (account) => {
    const { dataLayer } = await launchDataLayer()
    await expect(dataLayer.accounts.add(account as NewAccount)).rejects.toMatchObject({ code: 'invalid-value' })
    expect(await dataLayer.accounts.list()).toHaveLength(2)
  })
})

describe('removing an account', () => {
  const both = `${legacyTables}
    INSERT INTO settings (id, activeDid, firstName) VALUES (1, '${ada}', 'Master');
    INSERT INTO settings (accountDid, firstName) VALUES ('${ada}', 'Ada'), ('${bob}', 'Bob');`

  it('makes the next one active in the same transaction', async () => {
    const { dataLayer } = await launchDataLayer(both)
    await dataLayer.accounts.remove(ada, { next: bob })
    expect((await dataLayer.identity.get()).activeDid).toBe(bob)
    expect((await dataLayer.accounts.list()).map(({ did }) => did)).toEqual([bob])
  })

  it.each([{}, { next: null }, undefined])('leaves nobody active without a next one (%j)', async (options) => {
    const { dataLayer } = await launchDataLayer(both)
    await dataLayer.accounts.remove(ada, options)
    expect((await dataLayer.identity.get()).activeDid).toBeNull()
  })

  it('takes the account’s own settings row with it, and no other', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(both)
    await dataLayer.accounts.remove(ada)
    expect(rawRows('SELECT accountDid, firstName FROM settings ORDER BY id')).toEqual([
      { accountDid: null, firstName: 'Master' },
      { accountDid: bob, firstName: 'Bob' },
    ])
  })

  it('leaves the master row, even one that carries the account’s DID', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(`${legacyTables}
      INSERT INTO settings (id, accountDid, firstName) VALUES (1, '${bob}', 'Master');`)
    await dataLayer.accounts.remove(bob)
    expect(rawRows('SELECT id, firstName FROM settings')).toEqual([{ id: 1, firstName: 'Master' }])
  })

  it('leaves the active one alone when it is another that goes, whatever next says', async () => {
    const { dataLayer } = await launchDataLayer(both)
    await dataLayer.accounts.add({ did: carol, publicKeyHex: '03' })
    await dataLayer.accounts.remove(bob, { next: carol })
    expect((await dataLayer.identity.get()).activeDid).toBe(ada)
  })

  it.each([
    ['a DID that no account has', nobody, undefined, 'unknown-account'],
    ['a next one that no account has', ada, nobody, 'unknown-account'],
    ['itself as the next one', ada, ada, 'invalid-value'],
    ['an empty DID', '', undefined, 'invalid-value'],
    ['an empty next DID', ada, '', 'invalid-value'],
  ])('is refused for %s, and nothing is changed', async (_what, did, next, code) => {
    const { dataLayer, rawRows } = await launchDataLayer(both)
    const before = [
      rawRows('SELECT * FROM accounts'),
      rawRows('SELECT * FROM settings'),
      rawRows('SELECT * FROM active_identity'),
    ]
    await expect(dataLayer.accounts.remove(did, next === undefined ? {} : { next })).rejects.toMatchObject({ code })
    expect([
      rawRows('SELECT * FROM accounts'),
      rawRows('SELECT * FROM settings'),
      rawRows('SELECT * FROM active_identity'),
    ]).toEqual(before)
  })

  it('fails whole where a table of the app’s own needs the account', async () => {
    const { dataLayer } = await launchDataLayer(both)
    await dataLayer.db.execute(sql`CREATE TABLE notes (did TEXT REFERENCES accounts(did))`)
    await dataLayer.db.execute(sql`INSERT INTO notes VALUES (${ada})`)
    await expect(dataLayer.accounts.remove(ada, { next: bob })).rejects.toMatchObject({ code: 'foreign-key-violation' })
    expect(await dataLayer.platform.$accountSettings()).toEqual({ activeDid: ada, firstName: 'Ada' })
  })
})
