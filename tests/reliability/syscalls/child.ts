// A process that runs one operation for every line it is sent, and answers each with a line. It is the one that is killed.
import { readFileSync, readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { restartNames } from './fixed-names.ts'
import type { Order, Answer } from './orders.ts'

const { runOperation } = await import('./operations.ts')
const { withoutTransaction, ledgerAfterCommit, restoreInPlace } = await import('./broken-drivers.ts')
const { DataLayerError } = await import('../../../src/errors/index.ts')

const brokenDrivers = {
  none: undefined,
  'no-transaction': withoutTransaction,
  'ledger-after-commit': ledgerAfterCommit,
  'restore-in-place': restoreInPlace,
}

// The first call for a file makes the worker thread, which is then there to be watched.
await stat('/')

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function obey({ operation, folder, broken }: Order): Promise<Answer> {
  restartNames()
  try {
    await runOperation(operation, folder, brokenDrivers[broken])
    return { ok: true }
  } catch (error) {
    if (error instanceof DataLayerError) return { ok: false, typed: true, code: error.code, message: error.message }
    return { ok: false, typed: false, code: 'raw', message: String(error) }
  }
}

const threads = readdirSync('/proc/self/task').map((id) => ({
  id: Number(id),
  name: readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
}))
const worker = threads.find(({ name }) => name === 'libuv-worker')
const main = Number(readFileSync('/proc/self/stat', 'utf8').split(' ')[0])
say({ main, worker: worker?.id })

for await (const line of createInterface({ input: process.stdin })) say(await obey(JSON.parse(line) as Order))
