import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { StandInSession } from './desktop/session.ts'

class Contents extends EventEmitter {
  readonly session = new StandInSession()
  setWindowOpenHandler(): void {}
}

interface Window {
  readonly webContents: Contents
  readonly done: string[]
  minimized: boolean
}

const electron = vi.hoisted(() => ({
  windows: [] as Window[],
  open: [] as Window[],
  loads: (): Promise<void> => Promise.resolve(),
}))

vi.mock('electron', () => ({
  BrowserWindow: class {
    static getAllWindows = () => electron.open
    readonly webContents = new Contents()
    readonly done: string[] = []
    minimized = false
    constructor() {
      electron.windows.push(this)
    }
    loadURL = () => electron.loads()
    isMinimized = () => this.minimized
    restore = () => this.done.push('restore')
    focus = () => this.done.push('focus')
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

test('a second start brings the first one’s window to the front, small or not, and opens one where there is none', async () => {
  const { openWindow, showWindow } = await import('../../app/electron/windows.ts')
  await openWindow()
  const window = electron.windows.at(-1) as Window
  electron.open = [window]
  await showWindow()
  window.minimized = true
  await showWindow()
  expect(window.done).toEqual(['focus', 'restore', 'focus'])
  expect(electron.windows.at(-1)).toBe(window)
  electron.open = []
  await showWindow()
  expect(electron.windows.at(-1)).not.toBe(window)
})
