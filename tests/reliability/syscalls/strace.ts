import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The calls by which a process changes what a file system keeps. */
export const changingCalls = [
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'ftruncate',
  'truncate',
  'fallocate',
  'copy_file_range',
  'sendfile',
  'fsync',
  'fdatasync',
  'sync_file_range',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'unlink',
  'unlinkat',
  'mkdir',
] as const

export interface Thread {
  readonly role: 'main' | 'worker'
  readonly id: number
}

/** One changing call that a thread made. `count` is its place among the thread's calls of that name, from 1. */
export interface TracedCall {
  readonly role: Thread['role']
  readonly name: string
  readonly count: number
  readonly line: string
  readonly injected: boolean
}

let program: string | undefined

function strace(): string {
  if (!program) throw new Error('ensureStrace comes first.')
  return program
}

/** Finds strace, or installs Debian's where this process may; says what is missing and throws otherwise. */
export function ensureStrace(): void {
  if (process.platform !== 'linux') throw new Error('Killing at every system call needs Linux and strace.')
  const root = process.getuid?.() === 0
  const sudo = !root && spawnSync('sudo', ['-n', 'true']).status === 0
  if (!findStrace()) {
    if (!existsSync('/usr/bin/apt-get') || (!root && !sudo)) {
      throw new Error('The system-call tests need strace, and there is none. Install it: apt-get install strace.')
    }
    for (const step of [['update'], ['install', '-y', '--no-install-recommends', 'strace']]) {
      execFileSync(sudo ? 'sudo' : 'env', [...(sudo ? ['-n'] : []), 'apt-get', ...step], { stdio: 'inherit' })
    }
  }
  program = findStrace()
  if (!program) throw new Error('strace was installed and is still not found.')
  const probe = spawnSync(program, ['-f', '-qq', '-e', 'trace=none', 'true'], { encoding: 'utf8' })
  if (probe.status !== 0) throw new Error(`strace may not trace here (ptrace): ${probe.stderr || probe.error?.message}`)
  if (!root && ptraceScope() > 0) {
    throw new Error('strace may not attach to a running process here: set kernel.yama.ptrace_scope to 0, or be root.')
  }
}

function findStrace(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, 'strace'))
    .find((path) => existsSync(path))
}

function ptraceScope(): number {
  const file = '/proc/sys/kernel/yama/ptrace_scope'
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}

/** The calls that count are those on `paths`, all where there are none: a process also writes to its pipes and events. */
function options(paths: readonly string[], output: string, injections: readonly string[]): string[] {
  return [
    '-y',
    '-s',
    '0',
    '-o',
    output,
    '-e',
    `trace=${changingCalls.join(',')}`,
    ...paths.flatMap((path) => ['-P', path]),
    ...injections.flatMap((injection) => ['-e', `inject=${injection}`]),
  ]
}

/** What to put before a command, so that it runs under strace and stops for no other calls. */
export function traceCommand(paths: readonly string[], output: string, injections: readonly string[]): string[] {
  return [strace(), '-f', '--seccomp-bpf', '-qq', ...options(paths, output, injections)]
}

/** An strace on threads of a process that runs already. */
export interface Tracer {
  /** Lets the threads go on untraced, unless they are gone. */
  detach(): Promise<void>
}

/** Attaches to single threads: strace counts `when=N` for each thread alone. */
export async function attach(
  threads: readonly Thread[],
  paths: readonly string[],
  output: string,
  injections: readonly string[],
): Promise<Tracer> {
  const targets = threads.flatMap(({ id }) => ['-p', String(id)])
  const tracer = spawn(strace(), [...options(paths, output, injections), ...targets], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => tracer.once('exit', () => resolve()))
  await untilAttached(tracer, threads.length)
  return {
    detach: async () => {
      if (tracer.exitCode === null && tracer.signalCode === null) tracer.kill('SIGTERM')
      await ended
    },
  }
}

function untilAttached(strace: ChildProcess, threads: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    strace.once('error', reject)
    strace.once('exit', (code) => reject(new Error(`strace ended with ${code}: ${text}`)))
    strace.stderr?.on('data', (data: Buffer) => {
      text += String(data)
      if (text.split(' attached').length > threads) resolve()
    })
  })
}

/** The calls in an strace output, in the order they were made. */
export function readTrace(output: string, threads: readonly Thread[]): TracedCall[] {
  const counts = new Map<string, number>()
  const calls: TracedCall[] = []
  for (const line of readFileSync(output, 'utf8').split('\n')) {
    // With one thread strace leaves its number out. A call in two halves has its name in the first.
    const match = /^(?:(\d+) +)?(\w+)\(/.exec(line)
    const role = threads.find(({ id }) => match?.[1] === undefined || String(id) === match[1])?.role
    const name = match?.[2]
    if (!role || !name) continue
    const count = (counts.get(`${role} ${name}`) ?? 0) + 1
    counts.set(`${role} ${name}`, count)
    calls.push({ role, name, count, line, injected: line.includes('(INJECTED)') })
  }
  return calls
}
