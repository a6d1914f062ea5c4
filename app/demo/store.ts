import type { DriverConnection } from 'selfsame'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import { desktopHome } from './desktop-home.ts'
import type { Home } from './home.ts'
import type { LegacyChoice } from './legacy-choice.ts'
import { isPhone, phoneHome } from './phone-home.ts'
import { webHome } from './web-home.ts'

/** The desktop app's preload script shows its database under this name; on phones there is Capacitor's bridge. */
export const home: Home = 'selfsameDatabase' in globalThis ? desktopHome : isPhone() ? phoneHome : webHome

/** Whether there is no table in the store yet. Writes nothing. */
export async function isStoreEmpty(): Promise<boolean> {
  const connection = await home.driver.open()
  try {
    return await isEmpty(connection)
  } finally {
    await connection.close()
  }
}

async function isEmpty(connection: DriverConnection): Promise<boolean> {
  const [result] = await connection.run([{ text: 'SELECT count(*) FROM sqlite_schema', params: [] }])
  return result?.rows[0]?.[0] === 0
}

/** Writes the legacy database, unless another tab was quicker. */
export async function fillStore(choice: LegacyChoice): Promise<void> {
  const connection = await home.driver.open()
  try {
    if (!(await isEmpty(connection))) return
    await writeLegacyDatabase(connection, buildLegacyDatabase({ ...choice, additions: ['tables', 'views', 'indexes'] }))
  } finally {
    await connection.close()
  }
}

/** The database file, for the command line and other tools. */
export async function readStore(): Promise<Uint8Array<ArrayBuffer>> {
  const connection = await home.driver.open()
  try {
    return new Uint8Array(await connection.export())
  } finally {
    await connection.close()
  }
}
