import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { alternate, compare, type BenchResult } from './measure.ts'
import type { MigrationRun, RunKind } from './million-rows-child.ts'

const runs = 5
/** A launch is to be heard of at least this often, in milliseconds. */
const longestSilence = 500

/** The same change to many rows, by a patch and by the same SQL alone: time, memory, and how long nothing is heard. */
export async function millionRows(rows: number): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-bench-'))
  const template = join(folder, 'template.sqlite')
  writeTemplate(template, rows)
  const migrate = async (kind: RunKind): Promise<MigrationRun> => {
    const filename = join(folder, 'app.sqlite')
    for (const name of ['app.sqlite', 'app.sqlite-journal']) rmSync(join(folder, name), { force: true })
    cpSync(template, filename)
    const child = fileURLToPath(new URL('./million-rows-child.ts', import.meta.url))
    // A process each: the most memory a process ever had is kept for its whole life.
    const answer = execFileSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', child, kind, filename, String(rows)],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    return JSON.parse(answer) as MigrationRun
  }
  try {
    const size = `${rows.toLocaleString('en')} rows, ${Math.round(statSync(template).size / 2 ** 20)} MB`
    const plain = await alternate(
      runs,
      () => migrate('engine-plain'),
      () => migrate('raw-plain'),
    )
    const pieces = await alternate(
      runs,
      () => migrate('engine-pieces'),
      () => migrate('raw-pieces'),
    )
    const careful = await alternate(
      runs,
      () => migrate('engine-pieces-with-backup'),
      () => migrate('raw-pieces'),
    )
    return [
      ...compareRuns(`One patch of plain SQL over ${size}`, 'launch, without a backup', plain),
      ...compareRuns(`One patch in pieces over ${size}`, 'launch, without a backup', pieces),
      ...compareRuns(`One patch in pieces over ${size}, backup first`, 'launch', careful),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function compareRuns(
  name: string,
  subject: string,
  measured: { readonly subject: readonly MigrationRun[]; readonly peer: readonly MigrationRun[] },
): BenchResult[] {
  const of = (read: (run: MigrationRun) => number) => [measured.subject.map(read), measured.peer.map(read)] as const
  const peer = 'node:sqlite, the same SQL'
  const silences = measured.subject.map(({ longestGap }) => longestGap)
  const goal = silences.map(() => longestSilence)
  const silence = { name: `${name}: longest silence`, subject, peer: 'the goal', unit: 'ms' }
  return [
    compare({ name, subject, peer, unit: 'ms' }, ...of(({ ms }) => ms)),
    compare({ name: `${name}: processor time`, subject, peer, unit: 'ms' }, ...of(({ cpuMs }) => cpuMs)),
    compare({ name: `${name}: most memory`, subject, peer, unit: 'MB' }, ...of(({ maxRssMb }) => maxRssMb)),
    compare(
      silence,
      silences.map(({ ms }) => ms),
      goal,
    ),
    compare(
      { ...silence, name: `${silence.name}, processor time` },
      silences.map(({ cpuMs }) => cpuMs),
      goal,
    ),
  ]
}

function writeTemplate(filename: string, rows: number): void {
  const database = new DatabaseSync(filename)
  database.exec('CREATE TABLE payments (id INTEGER PRIMARY KEY, payee TEXT NOT NULL, amount TEXT NOT NULL)')
  database.exec(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
    INSERT INTO payments SELECT n, 'payee number ' || (n * 7919 % 100003), (n % 5000) || '.' || (n % 90 + 10) FROM numbers`)
  database.close()
}
