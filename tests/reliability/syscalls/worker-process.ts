import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Answer, Order } from './orders.ts'
import type { Thread } from './strace.ts'

/** What an operation came to, or how its process ended. */
export type Ending = Answer | { readonly ended: string; readonly complaints: string }

/** What such a process runs, and where its compiled code is kept. */
export interface Program {
  readonly file: string
  readonly cacheFolder: string
}

/** A process that runs operations, with its two threads that touch files known by number. */
export class WorkerProcess {
  readonly threads: readonly Thread[]
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<string>
  readonly #complaints: () => string

  private constructor(
    child: ChildProcess,
    lines: AsyncIterator<string>,
    ended: Promise<string>,
    complaints: () => string,
    threads: readonly Thread[],
  ) {
    this.#process = child
    this.#lines = lines
    this.#ended = ended
    this.#complaints = complaints
    this.threads = threads
  }

  /** Resolves when the process has loaded everything: what it does from then on is the operation. */
  static async start({ file, cacheFolder }: Program, before: readonly string[] = []): Promise<WorkerProcess> {
    const parameters = [...before, process.execPath, '--disable-warning=ExperimentalWarning', file]
    const child = spawn(parameters[0]!, parameters.slice(1), {
      // One worker thread: calls then follow each other in one order, and strace's counts are the same in every run.
      env: { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: cacheFolder, NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let complaints = ''
    child.stderr.on('data', (data: Buffer) => (complaints += String(data)))
    // The process may be gone before it has read what it was sent.
    child.stdin.on('error', () => undefined)
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
    })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const first = await lines.next()
    if (first.done) throw new Error(`The process under test did not start: ${await ended}\n${complaints}`)
    const { main, worker } = JSON.parse(first.value) as { main: number; worker?: number }
    if (!worker) throw new Error('The process under test has no libuv worker thread that its name tells.')
    const threads: Thread[] = [
      { role: 'main', id: main },
      { role: 'worker', id: worker },
    ]
    return new WorkerProcess(child, lines, ended, () => complaints, threads)
  }

  /** What the operation came to; how the process ended when it did not live to tell. */
  async run(order: Order): Promise<Ending> {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`)
    const line = await this.#lines.next()
    if (line.done) return { ended: await this.#ended, complaints: this.#complaints() }
    return JSON.parse(line.value) as Answer
  }

  async stop(): Promise<void> {
    this.#process.stdin?.end()
    await this.#ended
  }
}
