import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { projectFolder } from '../../scripts/entry-points.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { buildLegacyDatabase, writeLegacyDatabase, type LegacyDatabaseOptions } from '../../src/testing/legacy/index.ts'
import type { LaunchAnswer, LaunchOrder } from './launch-child.ts'
import type { OperationAnswer, OperationOrder } from './operation-child.ts'

export interface LaunchEnd<A = LaunchAnswer> {
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  /** Absent when the process was killed. */
  readonly answer?: A
}

/**
 * Launches a database in a process of its own. `ready` resolves when the process waits for `waitFor`, or has ended.
 */
export function startLaunch(order: LaunchOrder): { ready: Promise<void>; ended: Promise<LaunchEnd> } {
  return startChild<LaunchAnswer>('launch-child.ts', order)
}

/** Does something else to a database in a process of its own. */
export function startOperation(order: OperationOrder): { ended: Promise<LaunchEnd<OperationAnswer>> } {
  return startChild<OperationAnswer>('operation-child.ts', order)
}

function startChild<A>(program: string, order: object): { ready: Promise<void>; ended: Promise<LaunchEnd<A>> } {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(projectFolder, 'tests/processes', program), JSON.stringify(order)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ready = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (stdout.includes('ready\n')) resolve()
    })
  })
  const ended = new Promise<LaunchEnd<A>>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (_, signal) => {
      const last = stdout.trim().split('\n').at(-1) ?? ''
      resolve({ signal, stderr, ...(last.startsWith('{') ? { answer: JSON.parse(last) as A } : {}) })
    })
  })
  return { ready, ended }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-processes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function writeLegacyFile(file: string, options: LegacyDatabaseOptions): Promise<void> {
  const connection = await nodeDriver({ filename: file }).open()
  await writeLegacyDatabase(connection, buildLegacyDatabase(options))
  await connection.close()
}
