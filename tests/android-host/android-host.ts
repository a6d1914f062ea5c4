import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NativeHost } from '../capacitor/host.ts'
import { loadPage, type LoadedPage, type NativeSide } from '../capacitor/load-page.ts'
import { startAppProcess } from './app-process.ts'

export interface AndroidHostOptions {
  /** Settings of the plugin, as `capacitor.config.ts` has them. */
  readonly settings?: Record<string, unknown>
}

/** Apps whose native side is the plugin's own Java. See README.md for what is real and what is not. */
export function androidHost({ settings = {} }: AndroidHostOptions = {}): NativeHost {
  return {
    platform: 'android',
    async start(folder) {
      const folders = { data: join(folder, 'data'), assets: join(folder, 'assets') }
      mkdirSync(folders.assets, { recursive: true })
      const config = { plugins: { CapacitorSQLite: settings } }
      writeFileSync(join(folders.assets, 'capacitor.config.json'), JSON.stringify(config))
      const app = await startAppProcess(folders, (message) => page.answer(message))
      const native: NativeSide = {
        platform: 'android',
        headers: headersIn(app.script),
        post: (message) => app.post(message as string),
      }
      let page: LoadedPage = loadPage(native)
      return {
        get page() {
          return page
        },
        async reload() {
          app.reload()
          page = loadPage(native)
          return page
        },
        kill: app.kill,
        stop: app.stop,
      }
    },
  }
}

/** The list at the end of what JSExport.getPluginJS writes. */
function headersIn(script: string): NativeSide['headers'] {
  const start = script.lastIndexOf('window.Capacitor.PluginHeaders = ')
  return JSON.parse(script.slice(script.indexOf('[', start), script.lastIndexOf(']') + 1)) as NativeSide['headers']
}
