// The window of the bench, in a page of its own: preload and renderer, with Chromium's debugging pipe in the place of Electron's IPC.
import { subjectsOver, type WindowBench } from './subjects.ts'

declare global {
  /** Puts a call on the pipe, as text. */
  var benchSend: (call: string) => void
  /** Called by main with an answer. */
  var benchReceive: (id: number, value: unknown) => void
  var openWindowBench: () => Promise<void>
  var windowBench: WindowBench
}

let last = 0
const waiting = new Map<number, (value: unknown) => void>()

globalThis.benchReceive = (id, value) => {
  waiting.get(id)?.(value)
  waiting.delete(id)
}

globalThis.openWindowBench = async () => {
  globalThis.windowBench = await subjectsOver((channel, value) => {
    last += 1
    globalThis.benchSend(JSON.stringify([last, channel, value]))
    const id = last
    return new Promise((resolve) => waiting.set(id, resolve))
  })
}
