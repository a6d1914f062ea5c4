import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp } from './stand-in/desktop-app.ts'

/** What is asked of a copy before it is restored, by a window that says what it likes. */
async function restoring(belongs: readonly string[]) {
  const file = temporaryPath('app.sqlite')
  const app = desktopApp(nodeDriver({ filename: file }))
  const { copies, run } = await app.openWindow().driver.open()
  await run([{ text: 'CREATE TABLE a (n)', params: [] }])
  const { location = '' } = (await copies?.write({})) ?? {}
  const before = namesBeside(file)
  const restored = await copies?.restore(location, { belongs }).catch((error: unknown) => error)
  const added = namesBeside(file).filter((name) => !before.includes(name))
  await app.close()
  return { restored, added }
}

test.each([
  `VACUUM INTO 'elsewhere.sqlite'`,
  `;VACUUM INTO 'elsewhere.sqlite'`,
  `/**/;ATTACH 'other.sqlite' AS other`,
  'PRAGMA query_only',
  'DELETE FROM a',
  'WITH b AS (SELECT 1) SELECT * FROM b',
  'SELECT ?',
  `SELECT coalesce($a(\u00a0'), 1) FROM pragma_database_list WHERE name <> ''`,
])('a copy is not asked: %s', async (query) => {
  const { restored, added } = await restoring([query])
  expect(restored).toMatchObject({ code: 'unsupported' })
  expect(added).toEqual([])
})

test('a copy is asked for a table', async () => {
  const { restored } = await restoring([`SELECT count(*) FROM sqlite_schema WHERE name = 'a'`])
  expect(restored).toHaveProperty('undo')
})
