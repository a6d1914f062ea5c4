import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { projectFolder } from '../../scripts/entry-points.ts'
import { ensureJava, javaLibraries } from '../../scripts/java.ts'

const standIns = join(projectFolder, 'tests/android-host/jvm')
const plugin = join(projectFolder, 'node_modules/@capacitor-community/sqlite/android/src/main/java')
const capacitor = join(projectFolder, 'node_modules/@capacitor/android/capacitor/src/main/java/com/getcapacitor')

/** Capacitor's classes that are taken as they are. What is not here needs an activity, a page or a permission. */
const bridgeClasses = [
  ...[
    'App',
    'CapConfig',
    'JSArray',
    'JSExport',
    'JSExportException',
    'JSObject',
    'JSValue',
    'Logger',
    'MessageHandler',
  ],
  ...['NativePlugin', 'PluginCall', 'PluginConfig', 'PluginHandle', 'PluginMethod', 'PluginMethodHandle'],
  ...['PluginResult', 'PluginLoadException', 'PluginInvocationException', 'InvalidPluginException'],
  ...['InvalidPluginMethodException', 'PermissionState', 'util/JSONUtils'],
  ...['annotation/CapacitorPlugin', 'annotation/Permission'],
]

const javaFiles = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.java'))
    .toSorted()
    .map((name) => join(folder, name))

/** The folder of the classes; compiles them first when any of the sources has changed since. */
export function compiledClasses(): string {
  ensureJava()
  const sources = [
    ...bridgeClasses.map((name) => join(capacitor, `${name}.java`)),
    ...javaFiles(plugin),
    ...javaFiles(standIns),
  ]
  const hash = createHash('sha256')
  for (const file of sources) hash.update(relative(projectFolder, file)).update(readFileSync(file))
  const cache = join(projectFolder, 'node_modules/.cache/android-host')
  const classes = join(cache, hash.digest('hex').slice(0, 16))
  if (existsSync(classes)) return classes
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'build-'))
  try {
    // Where no locale is set, Java takes sources for US-ASCII.
    execFileSync('javac', ['-nowarn', '-encoding', 'UTF-8', '-d', folder, '-cp', javaLibraries.join(':'), ...sources], {
      stdio: 'pipe',
    })
    if (!existsSync(classes)) renameSync(folder, classes)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return classes
}
