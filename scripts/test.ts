// `npm test`: everything that has to hold before a change is accepted. `npm test -- tests/db` runs only those tests.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { chromiumVersion, ensureChromium } from './chromium.ts'
import { projectFolder } from './entry-points.ts'
import { ensureJava } from './java.ts'
import { ensureOtherBrowsers, otherBrowsers } from './other-browsers.ts'
import { ensureSqlcipher } from './sqlcipher.ts'

interface TestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly startTime: number
    readonly endTime: number
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

function runProgram(program: string, ...parameters: string[]): boolean {
  const { status, error } = spawnSync(process.execPath, [`node_modules/${program}`, ...parameters], {
    cwd: projectFolder,
    stdio: 'inherit',
  })
  if (error) throw error
  return status === 0
}

function runScript(name: string): boolean {
  const { status } = spawnSync(process.execPath, [`scripts/${name}`], { cwd: projectFolder, stdio: 'inherit' })
  return status === 0
}

function runTests(selection: readonly string[]): { ok: boolean; line: string; longest: string } {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-test-'))
  const file = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    // Without this, a snapshot that is missing would be written, and its test pass.
    const snapshots = selection.length === 0 ? ['--update=none'] : []
    const ok = runProgram('vitest/vitest.mjs', 'run', ...reporters, ...snapshots, ...selection)
    const report = JSON.parse(readFileSync(file, 'utf8')) as TestReport
    return { ok, line: summary(report), longest: longest(report) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that could not be loaded or set up has no failed test to count: it counts as one itself. */
function summary(report: TestReport): string {
  const failedOf = (file: TestReport['testResults'][number]) =>
    file.assertionResults.filter(({ status }) => status === 'failed').length
  const failedFiles = report.testResults.filter((file) => file.status === 'failed' && failedOf(file) === 0)
  const skipped = report.numPendingTests + report.numTodoTests
  const line = `${report.numPassedTests} passed, ${report.numFailedTests + failedFiles.length} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}

/** Where a run's time went, for whoever wants it shorter. */
function longest({ testResults }: TestReport): string {
  const seconds = testResults.map(({ name, startTime, endTime }) => ({ name, time: (endTime - startTime) / 1000 }))
  return seconds
    .toSorted((a, b) => b.time - a.time)
    .slice(0, 10)
    .map(({ name, time }) => `${relative(`${projectFolder}tests`, name)} ${time.toFixed(0)} s`)
    .join(', ')
}

function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:')
  const row = database.prepare('SELECT sqlite_version() AS version').get()
  database.close()
  return String(row?.['version'])
}

const selection = process.argv.slice(2)
const chromium = ensureChromium()
const failures: string[] = []

if (selection.length === 0) {
  ensureJava()
  ensureSqlcipher()
  ensureOtherBrowsers()
  const checks: [string, () => boolean][] = [
    ['build', () => runScript('build.ts')],
    ['typecheck', () => runProgram('vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'tsconfig.json')],
    ['lint', () => runProgram('oxlint/bin/oxlint', '--deny-warnings')],
    ['format', () => runProgram('oxfmt/bin/oxfmt', '--check')],
  ]
  for (const [name, check] of checks) {
    process.stdout.write(`\n${name}\n`)
    if (!check()) failures.push(name)
  }
}

const tests = runTests(selection)
if (!tests.ok) failures.push('tests')

process.stdout.write(`\nLongest: ${tests.longest}\n`)
process.stdout.write(
  `Node ${process.versions.node}, SQLite ${sqliteVersion()}, ${chromiumVersion(chromium)}, ${otherBrowsers()}\n`,
)
if (failures.length > 0) process.stdout.write(`Failed: ${failures.join(', ')}\n`)
process.stdout.write(`${tests.line}\n`)
process.exitCode = failures.length > 0 ? 1 : 0
