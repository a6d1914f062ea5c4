import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { encryptedDriver } from 'selfsame/encrypted'
import { driverConformance } from 'selfsame/testing'
import { desktopApp } from '../../electron/stand-in/desktop-app.ts'
import { temporaryPath } from './temporary-path.ts'

const key = '0f'.repeat(32)

describe('an encrypted database, through the door', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    const filename = temporaryPath('app.sqlite')
    const app = desktopApp(encryptedDriver({ filename, key }))
    try {
      await expect(run(app.openWindow().driver)).resolves.toBeUndefined()
    } finally {
      await app.close()
    }
    if (existsSync(filename)) expect(readFileSync(filename).subarray(0, 6).toString('latin1')).not.toBe('SQLite')
  })
})
