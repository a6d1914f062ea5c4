// `npm run bench`: what the library costs, held against the same work without it. `-- --json FILE` writes the figures.
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { DatabaseSync } from 'node:sqlite'
import { calls } from './calls.ts'
import { throughTheDoor } from './electron/through-the-door.ts'
import { foreignKeyCheck } from './foreign-key-check.ts'
import { launches } from './launches.ts'
import type { BenchResult } from './measure.ts'
import { millionRows } from './million-rows.ts'
import { durableCommits } from './web/durable-commits.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, rows: { type: 'string', default: '1000000' } } })

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
  sqlite: String(new DatabaseSync(':memory:').prepare('SELECT sqlite_version() AS version').get()?.['version']),
}
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB; Node ${machine.node}, SQLite ${machine.sqlite}`,
)

const results: BenchResult[] = []
const benches = [
  calls,
  throughTheDoor,
  launches,
  () => foreignKeyCheck(Number(values.rows)),
  () => millionRows(Number(values.rows)),
  durableCommits,
]
for (const bench of benches) {
  for (const result of await bench()) {
    results.push(result)
    const { name, subject, peer, unit, subjectMedian, peerMedian, ratio, runs } = result
    console.log(`\n${name}  (median of ${runs})`)
    console.log(`  ${subject.padEnd(60)} ${`${subjectMedian} ${unit}`.padStart(14)}`)
    console.log(`  ${peer.padEnd(60)} ${`${peerMedian} ${unit}`.padStart(14)}   ratio ${ratio}`)
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, results }, undefined, 2)}\n`)
