// What this app uses of Electron, which is not installed with the project: its package downloads a browser when it is first run.
declare module 'electron' {
  import type { AppLike, IpcMainLike, UtilityProcessLike, WebContentsLike } from 'selfsame/electron/main'
  import type { ContextBridgeLike, IpcRendererLike } from 'selfsame/electron/preload'

  interface App extends AppLike {
    readonly isPackaged: boolean
    whenReady(): Promise<void>
    getPath(name: 'userData'): string
    setPath(name: 'userData', path: string): void
    requestSingleInstanceLock(): boolean
  }

  interface PageEvent {
    preventDefault(): void
  }

  interface WebContents extends WebContentsLike {
    setWindowOpenHandler(handler: (details: { readonly url: string }) => { readonly action: 'deny' }): void
    readonly session: {
      setPermissionRequestHandler(
        handler: (contents: WebContents, permission: string, answer: (granted: boolean) => void) => void,
      ): void
      setPermissionCheckHandler(handler: (contents: WebContents | null, permission: string) => boolean): void
    }
  }

  interface WindowOptions {
    readonly width: number
    readonly height: number
    readonly title: string
    readonly webPreferences: {
      readonly preload: string
      readonly contextIsolation: boolean
      readonly sandbox: boolean
      readonly nodeIntegration: boolean
    }
  }

  export class BrowserWindow {
    static getAllWindows(): BrowserWindow[]
    readonly webContents: WebContents
    constructor(options: WindowOptions)
    loadURL(url: string): Promise<void>
    isMinimized(): boolean
    restore(): void
    focus(): void
  }

  interface MenuItemTemplate {
    readonly id?: string
    readonly label?: string
    readonly role?: string
    readonly accelerator?: string
    readonly click?: () => void
    readonly submenu?: readonly MenuItemTemplate[]
  }

  interface BuiltMenu {
    getMenuItemById(id: string): { click(): void } | null
  }

  export const Menu: {
    buildFromTemplate(template: readonly MenuItemTemplate[]): BuiltMenu
    setApplicationMenu(menu: BuiltMenu): void
    getApplicationMenu(): BuiltMenu | null
  }

  export const protocol: {
    registerSchemesAsPrivileged(
      schemes: readonly { readonly scheme: string; readonly privileges: Readonly<Record<string, boolean>> }[],
    ): void
    handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void
  }

  export const utilityProcess: {
    fork(
      modulePath: string,
      parameters?: readonly string[],
      options?: { readonly serviceName?: string },
    ): UtilityProcessLike
  }

  export const app: App
  export const ipcMain: IpcMainLike
  export const contextBridge: ContextBridgeLike
  export const ipcRenderer: IpcRendererLike
}
