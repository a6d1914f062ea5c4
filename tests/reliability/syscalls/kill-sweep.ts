import { Aftermaths } from './aftermaths.ts'
import type { Broken } from './orders.ts'
import type { Observed, Point, Station } from './station.ts'
import type { Stations } from './stations.ts'
import type { Scenario } from './templates.ts'

/** What came of killing an operation before each of its changing calls. */
export interface KillFigures {
  points: number
  killed: number
  problems: string[]
  /** How many different folders the kills left behind: each was started from. */
  different: number
  /** Points that left a file the next start ignores. */
  withLeftovers: number
}

/**
 * Kills the operation before each call in turn, from the first to the one after the last, where it must complete.
 *
 * @param enough ends the sweep early, for a control that has shown what it had to
 */
export async function killEverywhere(
  stations: Stations,
  scenario: Scenario,
  broken: Broken = 'none',
  enough: (figures: KillFigures) => boolean = () => false,
): Promise<KillFigures> {
  const figures: KillFigures = { points: 0, killed: 0, problems: [], different: 0, withLeftovers: 0 }
  const aftermaths = new Aftermaths(scenario)
  const seen = new Map<Station, Promise<Observed>>()
  const observe = (station: Station) => {
    const observed = seen.get(station) ?? station.observe(scenario, broken)
    seen.set(station, observed)
    return observed
  }
  const { calls } = await observe(stations.first)
  const body = async (station: Station, { last, ...point }: KillPoint) => {
    const ending = await station.kill(scenario, broken, await observe(station), point)
    const killed = 'ended' in ending && ending.ended === 'SIGKILL'
    figures.points += 1
    if (killed) figures.killed += 1
    const at = `${point.role} ${point.name} ${point.count}`
    if (killed === last) figures.problems.push(`${at}: ${killed ? 'a call more than before' : JSON.stringify(ending)}`)
    const { problems, ignored } = await aftermaths.of(station.folder)
    figures.different = aftermaths.different
    if (ignored.length > 0) figures.withLeftovers += 1
    figures.problems.push(...problems.map((problem) => `${at}: ${problem}`))
  }
  await stations.each(pointsOf(calls), body, () => enough(figures))
  return figures
}

interface KillPoint extends Point {
  /** Past the end: nothing is killed there. */
  readonly last: boolean
}

function pointsOf(calls: readonly Point[]): KillPoint[] {
  const lanes = new Map(
    calls.map(({ role, name, count }) => [`${role} ${name}`, { role, name, count: count + 1, last: true }]),
  )
  return [...calls.map(({ role, name, count }) => ({ role, name, count, last: false })), ...lanes.values()]
}
