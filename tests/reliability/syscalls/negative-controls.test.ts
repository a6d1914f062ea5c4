import { afterAll, beforeAll, expect, test } from 'vitest'
import { killEverywhere, type KillFigures } from './kill-sweep.ts'
import { Stations } from './stations.ts'
import { prepareScenario } from './templates.ts'

// A proof that cannot fail proves nothing: what follows is the same sweep as in kill.test.ts, with the engine broken.
let stations: Stations
beforeAll(async () => {
  stations = await Stations.open()
})
afterAll(() => stations?.close())

test.each([
  { operation: 'migrate', broken: 'no-transaction', shows: 'broken start' },
  { operation: 'migrate', broken: 'ledger-after-commit', shows: 'broken start' },
  { operation: 'rollback', broken: 'no-transaction', shows: 'neither as before' },
  { operation: 'drop', broken: 'no-transaction', shows: 'neither as before' },
  { operation: 'restore', broken: 'restore-in-place', shows: 'broken start' },
] as const)(
  'the kill test finds what is lost by an engine with $broken that is killed in a $operation ($shows)',
  async ({ operation, broken, shows }) => {
    const scenario = await prepareScenario(operation, 'delete', stations.root)
    const telling = ({ problems }: KillFigures) => problems.filter((problem) => problem.includes(shows))
    const figures = await killEverywhere(stations, scenario, { broken, enough: (it) => telling(it).length >= 3 })
    process.stdout.write(
      `${operation}, ${broken}: ${figures.killed} killed, ${telling(figures).length} with "${shows}" (stopped at the third), ` +
        `${figures.problems.length} problems\n${figures.problems.slice(0, 3).join('\n')}\n`,
    )
    expect(telling(figures)).not.toEqual([])
  },
  300_000,
)
