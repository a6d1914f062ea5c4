import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CapacitorDriverOptions } from 'selfsame/capacitor'
import { driverConformance, type ConformanceTest } from 'selfsame/testing'
import { encryptedDriver } from '../../src/db/drivers/node/encrypted/index.ts'
import { expectEqual } from '../../src/testing/conformance/expectations.ts'
import { driverFor } from './driver-for.ts'
import type { NativeApp, NativeHost } from './host.ts'

/** Runs conformance tests in one app: each has a database of its own. */
function runIn(
  host: NativeHost,
  how: string,
  tests: readonly ConformanceTest[],
  options: Partial<CapacitorDriverOptions> = {},
): void {
  describe(`the Capacitor driver ${how} on ${host.platform}`, () => {
    let folder: string
    let app: NativeApp

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), `selfsame-${host.platform}-`))
      app = await host.start(folder)
    })

    afterAll(async () => {
      await app?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    test.each(tests.map((each, index) => ({ ...each, index })))('$name', async ({ run, index }) => {
      await expect(run(driverFor(app, host.platform, `test-${index}`, options))).resolves.toBeUndefined()
    })
  })
}

/** Runs the whole conformance suite. */
export function conformanceOn(host: NativeHost): void {
  runIn(host, 'without a key', driverConformance)
}

const key = 'ab'.repeat(32)
const secretProvider = { read: async () => key }
// Of an encrypted database they are encrypted: a plain file would lie on the phone for a moment (docs/decisions/0012).
const plainBytes = 'export: the bytes are a database file with everything committed'
const encryptedBytes: ConformanceTest = {
  name: 'export: the bytes are an encrypted database file with everything committed',
  run: async (driver) => {
    const connection = await driver.open()
    await connection.run([{ text: 'CREATE TABLE a (n)', params: [] }])
    await connection.run([{ text: 'INSERT INTO a VALUES (1)', params: [] }])
    const image = await connection.export()
    await connection.close()
    const filename = join(mkdtempSync(join(tmpdir(), 'selfsame-export-')), 'export.db')
    writeFileSync(filename, image)
    const desktop = await encryptedDriver({ filename, key, create: false }).open()
    const [result] = await desktop.run([{ text: 'SELECT n FROM a', params: [] }])
    await desktop.close()
    rmSync(dirname(filename), { recursive: true })
    expectEqual(result?.rows, [[1]])
  },
}

/** Runs the suite on encrypted databases: one test in about twelve, or all. */
export function encryptedConformanceOn(host: NativeHost): void {
  const all = [...driverConformance.filter(({ name }) => name !== plainBytes), encryptedBytes]
  const chosen = process.env['SELFSAME_FULL']
    ? all
    : all.filter((test, index) => index % 12 === 5 || test === encryptedBytes)
  runIn(host, 'with a key', chosen, { secretProvider })
}
