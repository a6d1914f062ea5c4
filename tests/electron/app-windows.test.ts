import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { StandInSession } from './desktop/session.ts'

class Contents extends EventEmitter {
  readonly session = new StandInSession()
  setWindowOpenHandler(): void {}
}

const electron = vi.hoisted(() => ({
  windows: [] as { webContents: Contents }[],
  loads: (): Promise<void> => Promise.resolve(),
}))

vi.mock('electron', () => ({
  BrowserWindow: class {
    static getAllWindows = () => []
    readonly webContents = new Contents()
    constructor() {
      electron.windows.push(this)
    }
    loadURL = () => electron.loads()
  },
  protocol: {},
}))

test('a page of the app is granted nothing, asked for or looked up', async () => {
  const { openWindow } = await import('../../app/electron/windows.ts')
  await openWindow()
  const contents = electron.windows.at(-1)?.webContents
  expect(await contents?.session.permits(contents, 'clipboard-read')).toEqual({ request: false, check: false })
  expect(await new Contents().session.permits(null, 'clipboard-read')).toEqual({ request: true, check: true })
})

test('what goes wrong where nobody waits is written by its code alone', async () => {
  const { logError } = await import('../../app/electron/log-error.ts')
  const written: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  logError(Object.assign(new Error('/home/somebody'), { code: 'locked' }))
  logError('nothing')
  write.mockRestore()
  expect(written).toEqual(['selfsame: locked\n', 'selfsame: unexpected\n'])
})
