import { afterAll, beforeAll, expect, test } from 'vitest'
import { cases, fullRun } from './cases.ts'
import { failEverywhere } from './fault-sweep.ts'
import { Stations } from './stations.ts'
import { prepareScenario } from './templates.ts'

let stations: Stations
beforeAll(async () => {
  stations = await Stations.open()
})
afterAll(() => stations?.close())

test.each(cases())(
  'with any write or sync failing, a $operation ends with success or a coded error, and loses nothing (journal: $journal)',
  async ({ operation, journal }) => {
    const started = performance.now()
    const scenario = await prepareScenario(operation, journal, stations.root)
    const { points, succeeded, codes, problems, different } = await failEverywhere(stations, scenario)
    const seconds = Math.round((performance.now() - started) / 1000)
    const errors = [...codes].map(([code, times]) => `${code} ${times}`).join(', ')
    process.stdout.write(
      `${operation} (${journal}): EIO and ENOSPC, once and for good, at ${points} points: ${succeeded} succeeded, ${errors}, ` +
        `${problems.length} problems, ${different} different folders started from, ${seconds} s${fullRun ? '' : ' (the other journal modes with SELFSAME_FULL=1)'}\n`,
    )
    expect(problems).toEqual([])
    expect(codes.size).toBeGreaterThan(0)
  },
  1_800_000,
)
