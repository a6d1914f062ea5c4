import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The methods that CapacitorSQLitePlugin.swift declares (pluginMethods), as JSExport.swift puts them into PluginHeaders. */
export function pluginMethods(): { name: string; rtype: string }[] {
  const manifest = require.resolve('@capacitor-community/sqlite/package.json')
  const swift = readFileSync(manifest.replace('package.json', 'ios/Plugin/CapacitorSQLitePlugin.swift'), 'utf8')
  return [...swift.matchAll(/CAPPluginMethod\(name: "(\w+)", returnType: CAPPluginReturnPromise\)/g)].map(
    ([, name]) => ({
      name: String(name),
      rtype: 'promise',
    }),
  )
}
