import { Worker } from 'node:worker_threads'
import { pathToFileURL } from 'node:url'
import { sqliteError } from '../../../errors/index.ts'
import { structuralDamage } from '../../structural-damage.ts'
import type { DamageCheck } from './engine.ts'

type Answer = { readonly lines: readonly string[] } | { readonly errcode: number; readonly message: string }

// A text, not a module: a thread's script would be one more file for bundlers to lose.
const script = `
  const { parentPort, workerData: { location, check } } = require('node:worker_threads')
  const { DatabaseSync } = require('node:sqlite')
  try {
    const database = new DatabaseSync(new URL(location), { readOnly: true })
    const rows = database.prepare('PRAGMA ' + check).all()
    database.close()
    parentPort.postMessage({ lines: rows.map((row) => String(Object.values(row)[0])) })
  } catch ({ errcode = 1, message }) {
    parentPort.postMessage({ errcode, message })
  }`

/**
 * Checks a file that nobody writes to in a thread of its own: `node:sqlite` works synchronously, and the check of some
 * hundred megabytes would stop the event loop for seconds.
 *
 * @throws {DataLayerError} what SQLite said of a file it could not read
 */
export async function checkInThread(path: string, check: DamageCheck): Promise<string[]> {
  const location = pathToFileURL(path)
  location.search = '?immutable=1'
  const thread = new Worker(script, { eval: true, workerData: { location: location.href, check }, execArgv: [] })
  const answer = await new Promise<Answer>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error('The thread ended without an answer.')))
  })
  if ('lines' in answer) return structuralDamage([...answer.lines])
  throw sqliteError(answer.errcode, answer.message)
}
