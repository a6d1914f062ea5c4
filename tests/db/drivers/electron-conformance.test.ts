import { describe, expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { driverConformance } from 'selfsame/testing'
import type { Driver } from '../../../src/db/driver.ts'
import { desktopApp, inProcess } from '../../electron/stand-in/desktop-app.ts'
import { temporaryPath } from './temporary-path.ts'

/** Starting a process for each takes most of the time: the usual run has every tenth, and `SELFSAME_FULL=1` all. */
const step = process.env['SELFSAME_FULL'] === '1' ? 1 : 10

async function expectThroughTheDoor(run: (driver: Driver) => Promise<void>, driver: Driver): Promise<void> {
  const app = desktopApp(driver)
  try {
    await expect(run(app.openWindow().driver)).resolves.toBeUndefined()
  } finally {
    await app.close()
  }
}

describe('the electron driver, through the door', () => {
  test.each(driverConformance)('$name', ({ run }) =>
    expectThroughTheDoor(run, nodeDriver({ filename: temporaryPath('app.sqlite') })),
  )
})

describe('the electron driver, through the door to a process', () => {
  test.each(driverConformance.filter((_, index) => index % step === 0))('$name', ({ run }) =>
    expectThroughTheDoor(run, inProcess(temporaryPath('app.sqlite'))),
  )
})
