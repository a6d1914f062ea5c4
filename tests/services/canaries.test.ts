import { expect, it } from 'vitest'
import { sql } from '../../src/db/sql.ts'
import type { SettingsPatch } from '../../src/identity/settings-columns.ts'
import { migrateActiveDidToSeparateTable } from '../../src/services/legacy-functions.ts'
import { launchDataLayer, legacyTables, openDataLayer } from './open-data-layer.ts'

const did = 'did:ethr:0xCANARY0123456789abcdef0123456789abcdef01'
const key = 'CANARYmnemonicEncrBase64abcdefghijklmnopqrstuvwxyz0123456789=='
const value = 'CANARY-value'

/** All that a person or a log could get to see of an error, its causes included. */
function visible(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return [error.message, error.stack, JSON.stringify(error), visible(error.cause)].join('\n')
}

it('no bound value, key or whole DID is in any message, detail or log line', async () => {
  const lines: string[] = []
  const log = (message: string, details?: unknown) => void lines.push(message, JSON.stringify(details) ?? '')
  const logger = { debug: log, info: log, warn: log, error: log }

  const refused = openDataLayer(
    `${legacyTables} INSERT INTO accounts (dateCreated, did, publicKeyHex, mnemonicEncrBase64)
      VALUES ('2024', '${did}', '1', '${key}'), ('2024', '${did}', '1', '${key}');`,
    { logger },
  )
  const { error } = await refused.dataLayer.launch()
  lines.push(visible(error), JSON.stringify(await migrateActiveDidToSeparateTable()))
  await refused.dataLayer.close()

  const repaired = openDataLayer(`${legacyTables} INSERT INTO settings (id, activeDid) VALUES (1, '${did}');`, {
    logger,
  })
  await repaired.dataLayer.launch()
  lines.push(JSON.stringify(await migrateActiveDidToSeparateTable()))
  await repaired.dataLayer.close()

  const { dataLayer } = await launchDataLayer(
    `${legacyTables} INSERT INTO settings (id, firstName, isRegistered, searchBoxes) VALUES (1, '${value}', '${value}', '[${value}');
     CREATE TABLE notes (did TEXT REFERENCES accounts(did), note TEXT UNIQUE, CHECK (length(note) <> ${value.length}));`,
    { logger },
  )
  const { platform, accounts, identity, settings, db } = dataLayer
  await accounts.add({ did, publicKeyHex: '1', mnemonicEncrBase64: key })
  await db.execute(sql`INSERT INTO notes VALUES (${did}, 'CANARY-note')`)
  const unknown = `${did}ff`
  const faults: (() => Promise<unknown>)[] = [
    () => settings.get(),
    () => settings.save({ [`firstName = '${value}', lastName`]: 1 } as SettingsPatch),
    () => settings.save({ [key.slice(0, 40)]: 1 } as SettingsPatch),
    () => settings.save({ isRegistered: value } as unknown as SettingsPatch),
    () => settings.save({ searchBoxes: value } as unknown as SettingsPatch),
    () => settings.save({ hasBackedUpSeed: true, firstName: value }),
    () => identity.activate(unknown),
    () => accounts.add({ did, publicKeyHex: '1' }),
    () => accounts.add({ did: unknown, publicKeyHex: '1', [key.slice(0, 40)]: key } as never),
    () => accounts.add({ did: unknown, mnemonicEncrBase64: key }),
    () => accounts.remove(unknown),
    () => accounts.remove(did, { next: unknown }),
    () => accounts.remove(did),
    () => db.execute(sql`INSERT INTO notes VALUES (${unknown}, 'x')`),
    () => db.execute(sql`INSERT INTO notes VALUES (${did}, ${'CANARY-note'})`),
    () => db.execute(sql`INSERT INTO notes VALUES (${did}, ${value})`),
    () => platform.dbQuery('SELECT ? FROM nowhere', [value]),
    () => platform.dbQuery('SELECT ?', [{ value }]),
  ]
  for (const fault of faults) {
    const caught = await fault().catch((thrown: unknown) => thrown)
    expect(caught).toMatchObject({ name: 'DataLayerError' })
    lines.push(visible(caught))
  }
  expect(lines.join('\n')).toContain('did:ethr:…')
  expect(lines.filter((line) => line.includes('CANARY'))).toEqual([])
})
