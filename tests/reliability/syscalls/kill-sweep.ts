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

/** What a control changes: the engine, and how much it takes to show that this is found. */
export interface Control {
  readonly broken: Broken
  /** Ends the sweep, which goes here and there: most calls are in the middle of something that SQLite takes back. */
  readonly enough: (figures: KillFigures) => boolean
}

/** Kills the operation before each call in turn, from the first to the one after the last, where it must complete. */
export async function killEverywhere(stations: Stations, scenario: Scenario, control?: Control): Promise<KillFigures> {
  const broken = control?.broken ?? 'none'
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
  const points = pointsOf(calls)
  const inOrder = control ? spread(points) : points
  await stations.each(inOrder, body, () => control?.enough(figures) ?? false)
  return figures
}

/** Each next one far from all before it (multiples of the golden ratio), so that few tries are in all parts. */
function spread<T>(points: readonly T[]): T[] {
  const place = new Map(points.map((point, index) => [point, (index * 0.618033988749895) % 1]))
  return points.toSorted((one, other) => place.get(one)! - place.get(other)!)
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
