import { describe, expect, test } from 'vitest'
import { driverConformance } from 'selfsame/testing'
import { desktopApp, inThread } from '../../electron/stand-in/desktop-app.ts'
import { temporaryPath } from './temporary-path.ts'

describe('the electron driver, through the door to a thread', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    const app = desktopApp(inThread(temporaryPath('app.sqlite')))
    try {
      await expect(run(app.openWindow().driver)).resolves.toBeUndefined()
    } finally {
      await app.close()
    }
  })
})
