import { afterAll, beforeAll, expect, test } from 'vitest'
import { fullRun } from './cases.ts'
import { killEverywhere, type KillFigures } from './kill-sweep.ts'
import { Stations } from './stations.ts'
import { prepareScenario } from './templates.ts'

// A proof that cannot fail proves nothing: what follows is the same sweep as in kill.test.ts, with the engine broken.
let stations: Stations
beforeAll(() => {
  stations = new Stations()
})
afterAll(() => stations?.close())

const brokenStarts = ({ problems }: KillFigures) => problems.filter((problem) => problem.includes('broken start'))
/** Three are enough to know; the full run counts them all. */
const enough = (figures: KillFigures) => !fullRun && brokenStarts(figures).length >= 3

test.each(['no-transaction', 'ledger-after-commit'] as const)(
  'the kill test finds starts that are broken for good in an engine with %s',
  async (broken) => {
    const scenario = await prepareScenario('migrate', 'delete', stations.root)
    const figures = await killEverywhere(stations, scenario, broken, enough)
    const bad = brokenStarts(figures)
    process.stdout.write(
      `${broken}: ${figures.killed} killed, ${bad.length} starts broken for good, ${figures.problems.length} problems` +
        `${fullRun ? '' : ' (stopped at the third; all of them with SELFSAME_FULL=1)'}\n`,
    )
    expect(bad).not.toEqual([])
  },
  1_800_000,
)
