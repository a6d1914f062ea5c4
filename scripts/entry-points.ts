import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const projectFolder = fileURLToPath(new URL('..', import.meta.url))

export interface PackageManifest {
  readonly name: string
  readonly sideEffects: boolean
  readonly bin: Record<string, string>
  readonly dependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
  readonly exports: Record<string, string | Record<string, string>>
}

export function readManifest(folder: string = projectFolder): PackageManifest {
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as PackageManifest
}

/** The public entry points as a bundler's aliases, so that the app and the tests run the sources themselves. */
export function sourceAliases(): { find: RegExp; replacement: string }[] {
  return sourceEntryPoints().map(({ name, source }) => ({ find: new RegExp(`^${name}$`), replacement: source }))
}

/** The public entry points as an app imports them (`selfsame/vue`), each with the source file it is built from. */
export function sourceEntryPoints(): { name: string; source: string }[] {
  const { name, exports } = readManifest()
  return Object.entries(exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return []
    const source = target['default']?.replace(/^\.\/dist\/(.*)\.js$/, `${projectFolder}src/$1.ts`)
    return source ? [{ name: name + subpath.slice(1), source }] : []
  })
}
