import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface ChildEnd {
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Child {
  readonly pid: number
  /** Resolves when the child has printed `ready`, or has ended. */
  readonly ready: Promise<void>
  readonly ended: Promise<ChildEnd>
  kill(): void
}

/** Starts one of this folder's `*-child.ts` files in a process of its own. */
export function startChild(file: string, ...args: readonly string[]): Child {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, file), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<ChildEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (_, signal) => resolve({ signal, stdout, stderr }))
  })
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (stdout.includes('ready\n')) resolve()
    })
    void ended.then(() => resolve())
  })
  return { pid: child.pid ?? 0, ready, ended, kill: () => void child.kill('SIGKILL') }
}
