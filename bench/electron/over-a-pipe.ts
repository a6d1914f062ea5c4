// What the door and the database's process add to the cheapest boundary there is: a bare pipe between two Node processes, with
// the structured clone algorithm. A call of Electron's own costs several times as much.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../../scripts/entry-points.ts'
import { alternate, compare, type BenchResult } from '../measure.ts'
import type { PipeMessage } from './main-process.ts'
import { subjectsOver } from './subjects.ts'

const runs = 9
const times = 500

export async function overAPipe(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-bench-'))
  const script = join(projectFolder, 'bench/electron/main-process.ts')
  const parameters = ['--disable-warning=ExperimentalWarning', script, join(folder, 'app.sqlite')]
  const main = spawn(process.execPath, parameters, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  const waiting = new Map<number, (value: unknown) => void>()
  const ready = new Promise((resolve) => waiting.set(0, resolve))
  main.on('message', ({ id, value }: PipeMessage) => {
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  let last = 0
  try {
    await ready
    const bench = await subjectsOver((channel, value) => {
      last += 1
      const id = last
      main.send({ id, channel, value } satisfies PipeMessage)
      return new Promise((resolve) => waiting.set(id, resolve))
    })
    const { subject, peer } = await alternate(
      runs,
      () => bench.time('read', times),
      () => bench.time('bare', times),
    )
    const names = { subject: 'Database.queryOne, process to main to process', peer: 'the bare pipe' }
    return compare(
      { name: 'Electron: one row by its key, over a bare pipe', ...names, unit: 'µs', aim: { atMost: 2 } },
      subject,
      peer,
    )
  } finally {
    main.disconnect()
    await once(main, 'exit')
    rmSync(folder, { recursive: true })
  }
}
