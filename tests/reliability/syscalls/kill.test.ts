import { afterAll, beforeAll, expect, test } from 'vitest'
import { cases, fullRun } from './cases.ts'
import { killEverywhere } from './kill-sweep.ts'
import { Stations } from './stations.ts'
import { prepareScenario } from './templates.ts'

let stations: Stations
beforeAll(async () => {
  stations = await Stations.open()
})
afterAll(() => stations?.close())

test.each(cases(({ operation, journal }) => operation === 'migrate' && journal === 'wal'))(
  'killed before any call that changes a file, a $operation is finished by the next start (journal: $journal)',
  async ({ operation, journal }) => {
    const started = performance.now()
    const scenario = await prepareScenario(operation, journal, stations.root)
    const { points, killed, problems, different, withLeftovers } = await killEverywhere(stations, scenario)
    const seconds = Math.round((performance.now() - started) / 1000)
    process.stdout.write(
      `${operation} (${journal}): killed at ${killed} points, not beyond the last call (${points - killed} tries), ${problems.length} problems, ` +
        `${different} different folders started from, ${withLeftovers} left a file that is ignored, ${seconds} s${fullRun ? '' : ' (the other journal modes with SELFSAME_FULL=1)'}\n`,
    )
    expect(problems).toEqual([])
    expect(killed).toBeGreaterThan(0)
  },
  1_800_000,
)
