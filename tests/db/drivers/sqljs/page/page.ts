import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url'
import { indexedDbStore, sqljsDriver } from 'selfsame/sqljs'
import { driverConformance } from 'selfsame/testing'
import type { DriverConnection } from '../../../../../src/db/driver.ts'

let connection: DriverConnection | undefined

async function open(name: string): Promise<void> {
  connection = await driverFor(name).open()
}

function driverFor(name: string) {
  return sqljsDriver({ locateFile: () => wasmUrl, store: indexedDbStore(name) })
}

/** The first column of one statement's rows. */
async function run(text: string, ...params: readonly (string | number)[]): Promise<unknown[]> {
  const [result] = await connection!.run([{ text, params }])
  return result!.rows.map(([value]) => value)
}

/** Inserts 1, 2, 3 … until the page is gone, and tells of each number once its write has been answered. */
async function insertForEver(told: (number: number) => void): Promise<void> {
  for (let number = 1; ; number += 1) {
    await run('INSERT INTO a VALUES (?)', number)
    told(number)
  }
}

/** Every conformance test on a database of its own, and what went wrong. */
async function runConformance(): Promise<{ passed: number; failed: string[] }> {
  const failed: string[] = []
  for (const [index, test] of driverConformance.entries()) {
    await test
      .run(driverFor(`conformance-${index}`))
      .catch((error: unknown) => failed.push(`${test.name}: ${String(error)}`))
  }
  return { passed: driverConformance.length - failed.length, failed }
}

/** What a call rejected with, as a test can read it. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: { code?: string; details?: unknown }) => ({
      code: error.code ?? String(error),
      details: error.details ?? null,
    }),
  )
}

const page = {
  open,
  close: () => connection!.close(),
  run,
  insertForEver,
  runConformance,
  failureOf,
}

export type TestPage = typeof page

declare global {
  var testPage: TestPage
}

globalThis.testPage = page
