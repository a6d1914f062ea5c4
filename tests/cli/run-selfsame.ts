import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { projectFolder } from '../../scripts/entry-points.ts'
import { checkStatement } from '../../src/db/statement.ts'
import { buildLegacyDatabase, type LegacyDatabaseOptions } from '../../src/testing/legacy/index.ts'

export interface CommandRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A temporary folder that goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs the command as a process of its own. */
export function selfsame(...args: string[]): Promise<CommandRun> {
  return startSelfsame(args).finished
}

/** Starts the command; `process` is there to be signalled, `said` resolves when it has written this to stderr. */
export function startSelfsame(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { FORCE_COLOR: _, NO_COLOR: __, npm_lifecycle_event: ___, ...inherited } = process.env
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(projectFolder, 'src/cli/main.ts'), ...args],
    { env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const finished = new Promise<CommandRun>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => (stderr.includes(text) ? resolve() : undefined)
      child.stderr.on('data', look)
      child.once('close', () => reject(new Error(`The command ended without saying ${text}: ${stderr}`)))
      look()
    })
  return { process: child, finished, said }
}

/** The one JSON value on stdout; fails when there is anything else. */
export function jsonOf<T = Record<string, unknown>>({ stdout }: CommandRun): T {
  return JSON.parse(stdout) as T
}

export function openDatabase(file: string): DatabaseSync {
  return new DatabaseSync(file, { enableForeignKeyConstraints: false })
}

/** Runs statements on a file, with foreign keys off. */
export function change(file: string, ...texts: string[]): void {
  const database = openDatabase(file)
  for (const text of texts) database.exec(text)
  database.close()
}

export function readAll(file: string, query: string): unknown[] {
  const database = openDatabase(file)
  const rows = database
    .prepare(query)
    .all()
    .map((row) => ({ ...row }))
  database.close()
  return rows
}

/** Writes a legacy database and gives its path. */
export function legacyFile(folder: string, options: LegacyDatabaseOptions = {}): string {
  const file = join(folder, 'app.sqlite')
  const database = openDatabase(file)
  for (const statement of buildLegacyDatabase(options)) {
    const { text, params } = checkStatement(statement)
    database.prepare(text).run(...(params as SQLInputValue[]))
  }
  database.close()
  return file
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
