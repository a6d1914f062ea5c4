import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NativeApp, NativeHost, Page } from '../capacitor/host.ts'
import { loadPage, type LoadedPage } from '../capacitor/load-page.ts'
import type { IosSettings } from './plugin/device-folders.ts'
import { pluginMethods } from './plugin/plugin-methods.ts'

const responder = fileURLToPath(new URL('responder.ts', import.meta.url))

export interface IosHostOptions {
  /** Settings of the plugin, as `capacitor.config.ts` has them. */
  readonly settings?: IosSettings
  /** The file that stands for the keychain; one in the app's folder, which a backup carries along, when it is not given. */
  readonly keychain?: string
}

/** What stands in for an iPhone: the real bridge and plugin script, over a process that answers as the plugin's Swift would. */
export function iosHost({ settings = {}, keychain }: IosHostOptions = {}): NativeHost {
  return {
    platform: 'ios',
    start: async (folder) => {
      const parameters = [folder, keychain ?? join(folder, 'keychain.json'), JSON.stringify(settings)]
      const app = new IosApp(fork(responder, parameters, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }))
      await app.started
      return app
    },
  }
}

class IosApp implements NativeApp {
  readonly #process: ChildProcess
  readonly started: Promise<void>
  #page: LoadedPage

  constructor(process: ChildProcess) {
    this.#process = process
    this.#page = this.#load()
    this.started = new Promise((resolve, reject) => {
      process.once('message', () => resolve())
      process.once('error', reject)
    })
    process.on(
      'message',
      (message: { page: LoadedPage['calls'] | undefined; answer?: string; pageNumber?: number }) => {
        if (message.answer !== undefined && message.pageNumber === this.#number) this.#page.answer(message.answer)
      },
    )
  }

  #number = 0

  get page(): Page {
    return this.#page
  }

  async reload(): Promise<Page> {
    this.#number += 1
    this.#page = this.#load()
    return this.#page
  }

  async kill(): Promise<void> {
    await this.#end(() => this.#process.kill('SIGKILL'))
  }

  async stop(): Promise<void> {
    await this.#end(() => this.#process.disconnect())
  }

  async #end(end: () => void): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()))
    end()
    await ended
  }

  #load(): LoadedPage {
    const pageNumber = this.#number
    return loadPage({
      platform: 'ios',
      headers: [{ name: 'CapacitorSQLite', methods: pluginMethods() }],
      // WebKit clones what postMessage is given, and throws for what it cannot clone: a Vue proxy.
      post: (message) => {
        if (this.#process.connected) this.#process.send({ pageNumber, call: structuredClone(message) })
      },
    })
  }
}
