import { afterEach, describe, expect, test } from 'vitest'
import { orders, shop } from '../shop.ts'
import { openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

describe('The error of a check', () => {
  test('holds no whole DID, no key and no blob, and at most 100 rows', async () => {
    opened = await openDatabase()
    const did = 'did:ethr:0x1234567890abcdef1234567890abcdef12345678'
    const key = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7'
    await opened.run('CREATE TABLE t (did, note, key, bytes, n)', {
      text: 'INSERT INTO t VALUES (?, ?, ?, ?, 7)',
      params: [did, `of ${did}!`, key, new Uint8Array([222, 173])],
    })
    await opened.run(
      'WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 150) INSERT INTO t SELECT NULL, NULL, NULL, NULL, n FROM c',
    )
    const { error } = await opened.launch([
      shop([{ statements: [orders], before: [{ name: 'x', rows: 'SELECT * FROM t' }] }]),
    ])
    const text = JSON.stringify(error)
    expect(text).not.toContain(did)
    expect(text).not.toContain(key)
    expect(text).not.toContain('222')
    expect(error?.details).toMatchObject({ rows: { length: 100 }, total: 151 })
    expect(error?.details?.rows).toMatchObject({ 0: { did: 'did:ethr:…5678', n: 7 } })
  })
})
