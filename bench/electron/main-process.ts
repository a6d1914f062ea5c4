// Main's half of the bench over a bare pipe: a process with the door, and beside it a handler that only answers.
import { startMain } from './start-main.ts'

/** A call over the pipe, and its answer. */
export interface PipeMessage {
  readonly id: number
  readonly channel?: string
  readonly value?: unknown
}

const { answer, close } = startMain(process.argv[2] ?? '')

process.on('message', async ({ id, channel = '', value }: PipeMessage) => {
  process.send?.({ id, value: await answer(channel, value) } satisfies PipeMessage)
})
process.on('disconnect', () => void close())
process.send?.({ id: 0 } satisfies PipeMessage)
