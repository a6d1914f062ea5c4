import { fork, type ChildProcess } from 'node:child_process'
import type { UtilityProcessLike } from '../../../src/db/drivers/electron/main/index.ts'

/** A stand-in for Electron's `utilityProcess.fork`: a process of Node's, whose pipe clones as Electron's does. */
export function forkUtility(script: string, parameters: readonly string[] = []): UtilityProcessLike & ChildProcess {
  const child = fork(script, parameters, {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', new URL('./parent-port.ts', import.meta.url).href],
  })
  return Object.assign(child, {
    postMessage: (message: unknown) => void (child.connected && child.send(message as object)),
  })
}
