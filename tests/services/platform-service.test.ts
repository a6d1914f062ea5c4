import { describe, expect, it } from 'vitest'
import { reactive } from 'vue'
import { createDataLayer } from '../../src/data-layer.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { PlatformServiceFactory } from '../../src/services/platform-service-factory.ts'
import { ada, bob, launchDataLayer } from './open-data-layer.ts'

describe('the SQL of the platform service', () => {
  it('$dbQuery answers with columns and rows as lists, two columns of one name and empty results included', async () => {
    const { dataLayer } = await launchDataLayer()
    const { platform } = dataLayer
    expect(await platform.$dbQuery('SELECT did, publicKeyHex AS did FROM accounts WHERE did = ?', [ada])).toEqual({
      columns: ['did', 'did'],
      values: [[ada, '01']],
    })
    expect(await platform.$dbQuery('SELECT did FROM accounts WHERE 0')).toEqual({ columns: ['did'], values: [] })
  })

  it('$dbExec answers with the changed rows, and the rowid after an INSERT only', async () => {
    const { dataLayer } = await launchDataLayer()
    const { platform } = dataLayer
    expect(await platform.$dbExec('UPDATE accounts SET derivationPath = ?', ['m/0'])).toEqual({ changes: 2 })
    expect(
      await platform.$dbExec("INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2024', 'did:x:y', '3')"),
    ).toEqual({ changes: 1, lastId: 3 })
  })

  it('$dbExec leaves out a rowid that no number holds exactly', async () => {
    const { dataLayer } = await launchDataLayer()
    const insert = "INSERT INTO accounts (id, dateCreated, did, publicKeyHex) VALUES (?, '2024', 'did:x:y', '3')"
    expect(await dataLayer.platform.$dbExec(insert, [9007199254740993n])).toEqual({ changes: 1 })
  })

  it('$dbGetOneRow answers with the first row, or undefined', async () => {
    const { dataLayer } = await launchDataLayer()
    expect(await dataLayer.platform.$dbGetOneRow('SELECT id, did FROM accounts ORDER BY id')).toEqual([1, ada])
    expect(await dataLayer.platform.$dbGetOneRow('SELECT 1 WHERE 0', null)).toBeUndefined()
  })

  it('dbQuery, dbExec and dbGetOneRow are the same under the names older callers know', async () => {
    const { dataLayer } = await launchDataLayer()
    const { platform } = dataLayer
    expect((await platform.dbQuery('SELECT did FROM accounts WHERE did = ?', [bob])).values[0]?.[0]).toBe(bob)
    expect(await platform.dbExec('DELETE FROM accounts WHERE did = ?', [bob])).toEqual({ changes: 1 })
    expect(await platform.dbGetOneRow('SELECT count(*) FROM accounts')).toEqual([1])
  })

  it('takes the reactive list a component holds', async () => {
    const { dataLayer } = await launchDataLayer()
    const bytes = new Uint8Array([1, 2])
    expect(await dataLayer.platform.$dbGetOneRow('SELECT ?, ?', reactive(['x', bytes]))).toEqual(['x', bytes])
  })

  it('refuses a text with several statements', async () => {
    const { dataLayer } = await launchDataLayer()
    await expect(dataLayer.platform.$dbExec('SELECT 1; DROP TABLE accounts')).rejects.toMatchObject({
      code: 'unsupported',
    })
  })
})

describe('PlatformServiceFactory', () => {
  const open = () => createDataLayer({ driver: nodeDriver({ filename: ':memory:' }) })

  it('gives the service of the data layer created last, and the one before after that is closed', async () => {
    const first = open()
    const second = open()
    expect(PlatformServiceFactory.getInstance()).toBe(second.platform)
    await second.close()
    expect(PlatformServiceFactory.getInstance()).toBe(first.platform)
    await first.close()
  })

  it('throws closed, with advice, where there is none', () => {
    expect(() => PlatformServiceFactory.getInstance()).toThrow(
      expect.objectContaining({ code: 'closed', message: expect.stringContaining('createDataLayer') }),
    )
  })
})
