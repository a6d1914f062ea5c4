import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page, PluginObject } from './host.ts'

const require = createRequire(import.meta.url)
const packageFile = (name: string, path: string) =>
  require.resolve(`${name}/package.json`).replace('package.json', path)

const nativeBridges = {
  android: packageFile('@capacitor/android', 'capacitor/src/main/assets/native-bridge.js'),
  ios: packageFile('@capacitor/ios', 'Capacitor/Capacitor/assets/native-bridge.js'),
}

/** What a native side does with a call that came over the bridge, and how it is told of the plugins there are. */
export interface NativeSide {
  readonly platform: 'android' | 'ios'
  /** `Capacitor.PluginHeaders` as the native side generates them (JSExport). */
  readonly headers: readonly { readonly name: string; readonly methods: readonly { name: string; rtype?: string }[] }[]
  /** @param message what postMessage was given: a JSON text on Android, an object on iOS */
  post(message: unknown): void
}

/** What the native side calls to answer: `androidBridge.onmessage` or `Capacitor.fromNative`. */
export interface LoadedPage extends Page {
  answer(text: string): void
}

interface Capacitor {
  getPlatform(): string
  fromNative(result: unknown): void
}

/**
 * Loads the bridge, Capacitor's core and the plugin's JavaScript, unmodified, as a new page does. Each page has a `window` of
 * its own, so that several can be loaded one after the other in one process; they share JavaScript's built-ins.
 */
export function loadPage(native: NativeSide): LoadedPage {
  const calls: string[] = []
  const post = (message: unknown) => {
    const call = (typeof message === 'string' ? JSON.parse(message) : message) as Record<string, string>
    if (call['pluginId'] === 'CapacitorSQLite') calls.push(String(call['methodName']))
    native.post(message)
  }
  const window = createWindow(native.platform, post)
  const run = (path: string, module: { exports: unknown }) => {
    const names = Object.keys(scope(window))
    const code = readFileSync(path, 'utf8')
    const body = new Function(...names, 'module', 'exports', 'require', `${code}\n//# sourceURL=${path}`)
    body(...Object.values(scope(window)), module, module.exports, () => core.exports)
  }
  const core: { exports: unknown } = { exports: {} }
  window['Capacitor'] = { DEBUG: false, isLoggingEnabled: false, Plugins: {} }
  run(nativeBridges[native.platform], { exports: {} })
  const capacitor = window['Capacitor'] as Capacitor & { PluginHeaders: unknown }
  capacitor.PluginHeaders = native.headers
  run(packageFile('@capacitor/core', 'dist/index.cjs.js'), core)
  const plugin: { exports: unknown } = { exports: {} }
  run(packageFile('@capacitor-community/sqlite', 'dist/plugin.cjs.js'), plugin)
  return {
    window: { Capacitor: capacitor, document: window['document'] as EventTarget },
    plugin: plugin.exports as { CapacitorSQLite: PluginObject; SQLiteConnection: unknown },
    calls,
    answer: (text) => {
      const bridge = window['androidBridge'] as { onmessage?(event: { data: string }): void } | undefined
      if (bridge) bridge.onmessage?.({ data: text })
      else capacitor.fromNative(JSON.parse(text))
    },
  }
}

function createWindow(platform: 'android' | 'ios', post: (message: unknown) => void): Record<string, unknown> {
  class Document extends EventTarget {
    get cookie() {
      return ''
    }
    createEvent() {
      return new Event('')
    }
  }
  function XMLHttpRequest() {}
  const window: Record<string, unknown> = {
    document: new Document(),
    Document,
    HTMLDocument: Document,
    XMLHttpRequest,
    navigator: {},
    prompt: () => '{"value":""}',
    fetch: () => Promise.reject(new Error('This page has no network.')),
    setTimeout,
    clearTimeout,
  }
  // The bridge sends what a page on iOS logs to the native side too; nobody reads it here.
  window['console'] = { log() {}, info() {}, debug() {}, warn() {}, error() {}, trace() {} }
  if (platform === 'android') window['androidBridge'] = { postMessage: post }
  else window['webkit'] = { messageHandlers: { bridge: { postMessage: post } } }
  return window
}

/** The names under which a page's scripts find what is the page's own. */
function scope(window: Record<string, unknown>): Record<string, unknown> {
  const { document, Document, HTMLDocument, XMLHttpRequest, navigator, prompt, console: pageConsole, fetch } = window
  const own = { document, Document, HTMLDocument, XMLHttpRequest, navigator, prompt, console: pageConsole, fetch }
  return { globalThis: window, window, self: window, ...own }
}
