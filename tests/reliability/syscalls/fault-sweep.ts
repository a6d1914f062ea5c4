import { Aftermaths } from './aftermaths.ts'
import type { Observed, Station } from './station.ts'
import type { Thread, TracedCall } from './strace.ts'
import type { Stations } from './stations.ts'
import type { Scenario } from './templates.ts'

export type Fault = 'EIO' | 'ENOSPC'

/** What came of calls that fail: once, or from one call on for good. */
export interface FaultFigures {
  points: number
  succeeded: number
  /** How often the operation ended with each code. */
  readonly codes: Map<string, number>
  problems: string[]
  /** How many different folders the faults left behind: each was started from. */
  different: number
}

const writesAndSyncs = new Set(['write', 'writev', 'pwrite64', 'pwritev', 'fsync', 'fdatasync'])
/** What fails with a disk that is full for good, and what else fails with one that is broken. */
const needSpace = ['write', 'writev', 'pwrite64', 'pwritev', 'fsync', 'fdatasync', 'ftruncate', 'fallocate']
const needTheDisk = [...needSpace, 'rename', 'renameat', 'renameat2', 'link', 'unlink', 'mkdir']

/** The codes that send an app to the disk, and not to its patches. */
const tellingCodes = new Set(['no-space', 'storage-unavailable', 'backup-failed'])

interface FaultPoint {
  readonly call: TracedCall
  readonly fault: Fault
  readonly forGood: boolean
}

/** Makes each write and each sync of an operation fail in turn, with each fault, once and for good. */
export async function failEverywhere(stations: Stations, scenario: Scenario): Promise<FaultFigures> {
  const figures: FaultFigures = { points: 0, succeeded: 0, codes: new Map(), problems: [], different: 0 }
  const aftermaths = new Aftermaths(scenario)
  const seen = new Map<Station, Promise<Observed>>()
  const observe = (station: Station) => {
    const observed = seen.get(station) ?? station.observe(scenario)
    seen.set(station, observed)
    return observed
  }
  const { calls } = await observe(stations.first)
  const points = calls
    .filter(({ name }) => writesAndSyncs.has(name))
    .flatMap((call) =>
      (['EIO', 'ENOSPC'] as const).flatMap((fault) => [false, true].map((forGood) => ({ call, fault, forGood }))),
    )
  await stations.each(points, async (station, { call, fault, forGood }: FaultPoint) => {
    const { role, name, count } = call
    const at = `${role} ${name} ${count}, ${fault} ${forGood ? 'for good' : 'once'}`
    const injections = forGood ? fromHereOn(calls, call, fault) : { [role]: [`${name}:error=${fault}:when=${count}`] }
    const { ending, failed } = await station.fail(scenario, await observe(station), injections)
    figures.points += 1
    if (failed === 0) figures.problems.push(`${at}: no call failed`)
    if ('ended' in ending) figures.problems.push(`${at}: the process ended with ${ending.ended}: ${ending.complaints}`)
    else if (ending.ok) figures.succeeded += 1
    else {
      figures.codes.set(ending.code, (figures.codes.get(ending.code) ?? 0) + 1)
      if (!ending.typed) figures.problems.push(`${at}: a raw error: ${ending.message}`)
      else if (!tellingCodes.has(ending.code))
        figures.problems.push(`${at}: ${ending.code} says too little: ${ending.message}`)
    }
    const { problems } = await aftermaths.of(station.folder, 'ok' in ending && ending.ok)
    figures.different = aftermaths.different
    figures.problems.push(...problems.map((problem) => `${at}: ${problem}`))
  })
  return figures
}

/** From this call on everything fails, in both threads: strace counts each thread's calls of each name by themselves. */
function fromHereOn(calls: readonly TracedCall[], call: TracedCall, fault: Fault): Record<Thread['role'], string[]> {
  const before = calls.slice(0, calls.indexOf(call))
  const names = fault === 'EIO' ? needTheDisk : needSpace
  const injectionsOf = (role: Thread['role']) =>
    names.map((name) => {
      const done = before.filter((earlier) => earlier.role === role && earlier.name === name).length
      return `${name}:error=${fault}:when=${done + 1}+`
    })
  return { main: injectionsOf('main'), worker: injectionsOf('worker') }
}
