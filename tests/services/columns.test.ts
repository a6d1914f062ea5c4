import { describe, expect, it } from 'vitest'
import type { SettingsPatch } from '../../src/identity/settings-columns.ts'
import { launchDataLayer } from './open-data-layer.ts'

const columns = 'isRegistered, firstName, passkeyExpirationMinutes, searchBoxes'

async function read(column: string, literal: string, type = '') {
  const { dataLayer } = await launchDataLayer(`
    CREATE TABLE accounts (did TEXT NOT NULL);
    CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT, ${column} ${type});
    INSERT INTO settings (id, ${column}) VALUES (1, ${literal});`)
  return (await dataLayer.settings.get())[column as 'firstName'] as unknown
}

describe('what a column holds', () => {
  it.each([
    ['isRegistered', '1', true],
    ['isRegistered', '0', false],
    ['isRegistered', "'true'", true],
    ['isRegistered', "'false'", false],
    ['isRegistered', "'1'", true],
    ['passkeyExpirationMinutes', '15', 15],
    ['passkeyExpirationMinutes', "'15'", 15],
    ['firstName', "'Ada'", 'Ada'],
    ['firstName', "''", ''],
    ['firstName', '12', '12'],
    ['searchBoxes', `'[{"name":"a"}]'`, [{ name: 'a' }]],
    ['searchBoxes', `'"[{\\"name\\":\\"a\\"}]"'`, [{ name: 'a' }]],
    ['searchBoxes', `'null'`, undefined],
    ['searchBoxes', `''`, undefined],
    ['firstName', 'NULL', undefined],
  ])('%s %s is read as the app knows it', async (column, literal, value) => {
    expect(await read(column, literal)).toEqual(value)
  })

  it.each([
    ['isRegistered', "'canary'"],
    ['isRegistered', '2'],
    ['isRegistered', "''"],
    ['passkeyExpirationMinutes', "'canary'"],
    ['passkeyExpirationMinutes', "x'00'"],
    ['firstName', "x'63616e617279'"],
    ['searchBoxes', "'[canary'"],
    ['searchBoxes', "'[object Object]'"],
    ['searchBoxes', '12'],
  ])('%s %s is invalid-value: the message names the column and not the value', async (column, literal) => {
    const error = (await read(column, literal).catch((caught: unknown) => caught)) as Error
    expect(error).toMatchObject({ code: 'invalid-value', details: { table: 'settings', column } })
    expect(JSON.stringify([error.message, error])).not.toContain('canary')
    expect(error.message).toContain(`settings.${column}`)
  })
})

describe('what a column takes', () => {
  const loop: { self?: unknown } = {}
  loop.self = loop

  it.each<[string, unknown]>([
    ['isRegistered', 1],
    ['isRegistered', 'true'],
    ['firstName', 5],
    ['firstName', '\ud800'],
    ['firstName', {}],
    ['passkeyExpirationMinutes', '15'],
    ['passkeyExpirationMinutes', Number.NaN],
    ['passkeyExpirationMinutes', 15n],
    ['searchBoxes', 'not JSON'],
    ['searchBoxes', '5'],
    ['searchBoxes', 5],
    ['searchBoxes', loop],
    ['searchBoxes', [Number.NaN]],
    ['searchBoxes', [() => 1]],
    ['searchBoxes', [1n]],
    ['activeDid', 5],
    ['activeDid', '\ud800'],
  ])('%s does not take a wrong type (%#): invalid-value, before anything is sent', async (column, value) => {
    const { dataLayer, driver } = await launchDataLayer('')
    const patch = { lastName: 'x', [column]: value } as SettingsPatch
    await expect(dataLayer.settings.save(patch)).rejects.toMatchObject({ code: 'invalid-value' })
    expect(driver.calls).toEqual([])
  })

  it.each([null, 'text', ['firstName'], 5])('a patch that is no object is invalid-value: %j', async (patch) => {
    const { dataLayer } = await launchDataLayer('')
    await expect(dataLayer.settings.save(patch as unknown as SettingsPatch)).rejects.toMatchObject({
      code: 'invalid-value',
    })
  })

  it('comes back as it went in, and lies in the database as the older app wrote it', async () => {
    const { dataLayer, rawRows } = await launchDataLayer('')
    const boxes = [{ name: 'Ω "quoted"', bbox: { eastLong: 1.5, maxLat: 2, minLat: -1, westLong: 0 } }]
    const patch: SettingsPatch = {
      isRegistered: true,
      firstName: 'Ada',
      passkeyExpirationMinutes: 15,
      searchBoxes: boxes,
    }
    await dataLayer.settings.save(patch)
    expect(await dataLayer.settings.get()).toEqual(patch)
    expect(rawRows(`SELECT ${columns} FROM settings`)).toEqual([
      { isRegistered: 1, firstName: 'Ada', passkeyExpirationMinutes: 15, searchBoxes: JSON.stringify(boxes) },
    ])
  })

  it('takes searchBoxes as JSON text, as older callers hand it over, without encoding it again', async () => {
    const { dataLayer, rawRows } = await launchDataLayer('')
    await dataLayer.settings.save({ searchBoxes: '[{"name":"a"}]' } as unknown as SettingsPatch)
    expect(rawRows('SELECT searchBoxes FROM settings')).toEqual([{ searchBoxes: '[{"name":"a"}]' }])
  })
})
