import { join } from 'node:path'
import type { Broken } from './orders.ts'
import { attach, readTrace, traceCommand, type Thread, type TracedCall } from './strace.ts'
import { layOut, type Scenario } from './templates.ts'
import { WorkerProcess, type Ending, type Program } from './worker-process.ts'

/** The files an operation changes, by path, and its calls on them in order. */
export interface Observed {
  readonly paths: readonly string[]
  readonly calls: readonly TracedCall[]
}

/** One of an operation's calls: the `count`-th of that name by that thread. */
export type Point = Pick<TracedCall, 'role' | 'name' | 'count'>

/** A place where one operation after the other is run under strace, always in the same folder: strace knows paths only. */
export class Station {
  readonly folder: string
  readonly #program: Program
  readonly #trace: string
  /** The process for the next kill: it starts while the one before is looked at. */
  #next: Promise<WorkerProcess>
  #lasting: WorkerProcess | undefined

  constructor(root: string, number: number, file: string) {
    this.folder = join(root, `station-${number}`)
    this.#program = { file, cacheFolder: join(root, 'compile-cache') }
    this.#trace = join(root, `trace-${number}`)
    this.#next = WorkerProcess.start(this.#program)
  }

  /** Runs the operation undisturbed. Throws when two runs do not make the same calls: then no call could be named. */
  async observe(scenario: Scenario, broken: Broken = 'none'): Promise<Observed> {
    const { calls: everything } = await this.#trial(scenario, broken, [])
    const touched = everything.flatMap(({ line }) => pathsIn(line)).filter((path) => path.startsWith(this.folder))
    const paths = [...new Set(touched)]
    const [first, second] = [await this.#trial(scenario, broken, paths), await this.#trial(scenario, broken, paths)]
    const sequence = (calls: readonly TracedCall[]) => calls.map(({ role, name }) => `${role} ${name}`).join('\n')
    if (sequence(first.calls) !== sequence(second.calls))
      throw new Error('Two undisturbed runs did not make the same calls.')
    return { paths, calls: first.calls }
  }

  /** Runs the operation in a process of its own that is killed when it is about to make the call. */
  async kill(scenario: Scenario, broken: Broken, { paths }: Observed, { role, name, count }: Point): Promise<Ending> {
    layOut(scenario.template, this.folder)
    const worker = await this.#next
    this.#next = WorkerProcess.start(this.#program)
    const threads = worker.threads.filter((thread) => thread.role === role)
    const tracer = await attach(threads, paths, '/dev/null', [`${name}:signal=SIGKILL:when=${count}`])
    const ending = await worker.run({ operation: scenario.operation, folder: this.folder, broken })
    await tracer.detach()
    await worker.stop()
    return ending
  }

  /** Runs the operation with some calls of each thread failing, in a process that lives on; answers how often one failed. */
  async fail(
    scenario: Scenario,
    { paths }: Observed,
    injections: Readonly<Partial<Record<Thread['role'], readonly string[]>>>,
  ): Promise<{ ending: Ending; failed: number }> {
    layOut(scenario.template, this.folder)
    const worker = (this.#lasting ??= await WorkerProcess.start(this.#program))
    const threads = worker.threads.filter(({ role }) => injections[role] !== undefined)
    const outputs = threads.map(({ role }) => `${this.#trace}-${role}`)
    const tracers = await Promise.all(
      threads.map((thread, index) => attach([thread], paths, outputs[index]!, injections[thread.role] ?? [])),
    )
    const ending = await worker.run({ operation: scenario.operation, folder: this.folder, broken: 'none' })
    await Promise.all(tracers.map((tracer) => tracer.detach()))
    if ('ended' in ending) this.#lasting = undefined
    const calls = threads.flatMap((thread, index) => readTrace(outputs[index]!, [thread]))
    return { ending, failed: calls.filter(({ injected }) => injected).length }
  }

  async close(): Promise<void> {
    await Promise.all([this.#next.then((worker) => worker.stop()), this.#lasting?.stop()])
  }

  async #trial(scenario: Scenario, broken: Broken, paths: readonly string[]): Promise<{ calls: TracedCall[] }> {
    layOut(scenario.template, this.folder)
    const worker = await WorkerProcess.start(this.#program, traceCommand(paths, this.#trace, []))
    const ending = await worker.run({ operation: scenario.operation, folder: this.folder, broken })
    await worker.stop()
    if (!('ok' in ending && ending.ok))
      throw new Error(`An undisturbed ${scenario.operation} failed: ${JSON.stringify(ending)}`)
    return { calls: readTrace(this.#trace, worker.threads) }
  }
}

// -y writes a file descriptor's path in angle brackets; the calls that take names have them in quotes.
function pathsIn(line: string): string[] {
  return [...line.matchAll(/<(\/[^>]*)>|"(\/[^"]*)"/g)].map((match) => match[1] ?? match[2] ?? '')
}
