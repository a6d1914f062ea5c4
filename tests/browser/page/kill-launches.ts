import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import { removeWebDatabase, webDriver } from 'selfsame/web'
import { Database } from '../../../src/db/database.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { verifyDatabase } from '../../../src/db/verify.ts'
import { dyingDriver, type Weakness } from '../../processes/dying-driver.ts'
import { launchedComponents } from '../../processes/launched-components.ts'
import { snapshot } from '../../property/snapshot.ts'
import { mortalDriver } from './mortal-driver.ts'

type Kind = 'opfs' | 'indexeddb'

const parallel = 3
const legacy = buildLegacyDatabase({
  accounts: 4,
  contacts: 6,
  state: 'orphan',
  accountActiveDid: 'own',
  additions: ['tables', 'columns', 'views', 'triggers', 'indexes'],
})

const optionsOf = (name: string, storage: Kind) => ({ name, storage: [storage], persist: false })

/**
 * Ends the worker before every statement of a migration's launch, or before every `every`-th one: what
 * tests/processes/killed.test.ts does with processes.
 *
 * @returns how many were killed of how many statements, and the starts after it that did not finish the migration
 */
export async function killLaunches(
  storage: Kind,
  { every, weakness }: { readonly every: number; readonly weakness: Weakness },
): Promise<{ statements: number; killed: number; broken: string[] }> {
  const whole = await prepare(storage)
  const { statements } = await launch(whole, storage, 0, weakness)
  const { content: expected } = await startAgain(whole, storage)
  const points = Array.from({ length: statements }, (_, index) => index + 1).filter((point) => point % every === 0)
  const broken: string[] = []
  let killed = 0
  const killNext = async (): Promise<void> => {
    const point = points.shift()
    if (point === undefined) return
    const name = await prepare(storage)
    const { died } = await launch(name, storage, point, weakness)
    if (died) killed += 1
    const { outcome, content } = await startAgain(name, storage)
    if (outcome !== 'usable') broken.push(`before statement ${point}: ${outcome}`)
    else if (content !== expected) broken.push(`before statement ${point}: other content`)
    await removeWebDatabase(name)
    return killNext()
  }
  await Promise.all(Array.from({ length: parallel }, killNext))
  return { statements, killed, broken }
}

async function prepare(storage: Kind): Promise<string> {
  const name = crypto.randomUUID()
  const connection = await webDriver(optionsOf(name, storage)).open()
  await writeLegacyDatabase(connection, legacy)
  await connection.close()
  return name
}

async function launch(name: string, storage: Kind, dieBefore: number, weakness: Weakness) {
  const { driver: mortal, kill } = mortalDriver(optionsOf(name, storage))
  const death = Promise.withResolvers<true>()
  const driver = dyingDriver(mortal, {
    dieBefore,
    weakness,
    die: () => {
      kill()
      death.resolve(true)
      return new Promise(() => undefined)
    },
  })
  const live = async () => {
    const connection = await driver.open()
    const { error } = await new Migrator({ driver, connection }, launchedComponents).launch()
    await connection.close()
    if (error) throw error
    return false
  }
  return { died: await Promise.race([death.promise, live()]), statements: driver.statements() }
}

/** The next start after a kill, and what is there then. */
async function startAgain(name: string, storage: Kind): Promise<{ outcome: string; content: string }> {
  const driver = webDriver(optionsOf(name, storage))
  const connection = await driver.open()
  const db = new Database(connection)
  try {
    const { outcome, error } = await new Migrator({ driver, connection }, launchedComponents).launch()
    const content = JSON.stringify(await snapshot(db, { without: ['active_identity.lastUpdated'] }))
    if (error) return { outcome: `${outcome}: ${error.message}`, content }
    const { ok } = await verifyDatabase(db, launchedComponents)
    return { outcome: ok ? 'usable' : 'not in order', content }
  } finally {
    await db.close()
  }
}
