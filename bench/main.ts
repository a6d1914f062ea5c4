// `npm run bench`: what the library costs, held against the same work without it. `npm run bench -- web` runs that one;
// `--json FILE` writes the figures.
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { DatabaseSync } from 'node:sqlite'
import { calls } from './calls.ts'
import { throughTheDoor } from './electron/through-the-door.ts'
import { foreignKeyCheck } from './foreign-key-check.ts'
import { launches } from './launches.ts'
import { verdict, type BenchResult } from './measure.ts'
import { millionRows } from './million-rows.ts'
import { durableCommits } from './web/durable-commits.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, rows: { type: 'string', default: '1000000' } },
  allowPositionals: true,
})
const benches: Readonly<Record<string, () => Promise<BenchResult[]>>> = {
  calls,
  electron: throughTheDoor,
  launches,
  'foreign-keys': () => foreignKeyCheck(Number(values.rows)),
  'million-rows': () => millionRows(Number(values.rows)),
  web: durableCommits,
}
const chosen = positionals.length > 0 ? positionals : Object.keys(benches)
for (const name of chosen) {
  if (!benches[name]) throw new Error(`There is no bench called ${name}: ${Object.keys(benches).join(', ')}`)
}

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
for (const bench of chosen) {
  for (const result of await benches[bench]!()) {
    results.push(result)
    const { name, subject, peer, unit, subjectMedian, peerMedian, ratio, runs } = result
    console.log(`\n${name}  (median of ${runs})`)
    console.log(`  ${subject.padEnd(60)} ${`${subjectMedian} ${unit}`.padStart(14)}`)
    console.log(`  ${peer.padEnd(60)} ${`${peerMedian} ${unit}`.padStart(14)}   ratio ${ratio}`)
    const reached = verdict(result)
    if (reached !== null) console.log(`  ${reached}`)
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, results }, undefined, 2)}\n`)
