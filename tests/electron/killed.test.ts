import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { projectFolder } from '../../scripts/entry-points.ts'
import { Database } from '../../src/db/database.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { identityComponent } from '../../src/identity/component.ts'
import { temporaryFolder, writeLegacyFile } from '../processes/start-launch.ts'
import { snapshot, type Snapshot } from '../property/snapshot.ts'
import { desktopApp } from './stand-in/desktop-app.ts'

/** As many as the smallest machine this is run on has cores. */
const parallel = 2
const components = [identityComponent()]

interface End {
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

type Place = 'main' | 'process'

/** Starting an app for each kill takes most of the time: the usual run has some of them, and `SELFSAME_FULL=1` all. */
const steps: Readonly<Record<Place, number>> =
  process.env['SELFSAME_FULL'] === '1' ? { main: 1, process: 1 } : { main: 20, process: 30 }

function startApp(file: string, dieBefore: number, place: Place): Promise<End> {
  const script = join(projectFolder, 'tests/electron/killed-child.ts')
  const child = spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    script,
    file,
    String(dieBefore),
    place,
  ])
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (_, signal) => resolve({ signal, stdout, stderr }))
  })
}

/** The next start, through the door too, and what is there then. The row written after the launch is left out. */
async function startAgain(file: string): Promise<{ outcome: string; content: Snapshot }> {
  const app = desktopApp(nodeDriver({ filename: file, create: false }))
  const { driver } = app.openWindow()
  const connection = await driver.open()
  const db = new Database(connection)
  try {
    const { error } = await new Migrator({ driver, connection }, components).launch()
    await db.execute({ text: "DELETE FROM logs WHERE message = 'launched'" })
    const { ok } = await verifyDatabase(db, components)
    const content = await snapshot(db, { without: ['active_identity.lastUpdated'] })
    return { outcome: error ? error.message : ok ? 'usable' : 'not in order', content }
  } finally {
    await app.close()
  }
}

test.each(['main', 'process'] as const)(
  'the app killed before statements of a launch, its engine in %s: the next start finishes it, nothing lost',
  { timeout: 3_600_000 },
  async (place) => {
    const folder = temporaryFolder()
    const pristine = join(folder, 'pristine.sqlite')
    await writeLegacyFile(pristine, {
      accounts: 4,
      contacts: 6,
      state: 'orphan',
      accountActiveDid: 'own',
      additions: ['tables', 'columns', 'views', 'triggers', 'indexes'],
    })
    const whole = join(folder, 'whole.sqlite')
    copyFileSync(pristine, whole)
    const { stdout, stderr } = await startApp(whole, 0, place)
    const boundaries = Number(stdout)
    expect(stderr).toBe('')
    expect(boundaries).toBeGreaterThan(50)
    const { content: expected } = await startAgain(whole)

    const points = Array.from({ length: boundaries }, (_, index) => index + 1).filter(
      (point) => point % steps[place] === 0,
    )
    const left = [...points]
    const broken: string[] = []
    let killed = 0
    const worker = async () => {
      for (let point = left.shift(); point !== undefined; point = left.shift()) {
        const own = join(folder, String(point))
        mkdirSync(own)
        const file = join(own, 'app.sqlite')
        copyFileSync(pristine, file)
        const end = await startApp(file, point, place)
        if (end.signal === 'SIGKILL') killed += 1
        const { outcome, content } = await startAgain(file)
        if (outcome !== 'usable') broken.push(`before statement ${point}: ${outcome}`)
        else if (JSON.stringify(content) !== JSON.stringify(expected))
          broken.push(`before statement ${point}: other content`)
      }
    }
    await Promise.all(Array.from({ length: parallel }, worker))
    expect(broken).toEqual([])
    expect(killed).toBe(points.length)
    process.stdout.write(
      `electron: killed with SIGKILL before ${killed} of ${boundaries} statements, the engine in ${place}: 0 broken starts, 0 lost rows\n`,
    )
  },
)
