// The stand-in's main process: runs the built main of an app with the stand-in in Electron's place. Argument: main's path.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { app } from './electron-module.ts'

const standIn = new URL('./electron-module.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context),
})
await import(pathToFileURL(process.argv[2] ?? '').href)
app.becomeReady()
