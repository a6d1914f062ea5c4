import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { afterAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
// Inside the project, so that the examples see its dependencies and its paths.
const folder = join(root, 'tests/.scratch/examples')

interface Example {
  readonly source: string
  readonly text: string
}

/** What an example may name without saying where it comes from. */
const entryPoints: Readonly<Record<string, readonly string[]>> = {
  selfsame: [
    'createDataLayer',
    'componentFromSql',
    'defineComponent',
    'identityComponent',
    'sql',
    'DataLayerError',
    'PlatformServiceFactory',
    'DEFAULT_SETTINGS',
  ],
  'selfsame/node': ['nodeDriver'],
  'selfsame/encrypted': ['encryptedDriver', 'encryptDatabase'],
  'selfsame/sqljs': ['sqljsDriver', 'indexedDbStore'],
  'selfsame/web': ['webDriver'],
  'selfsame/electron/main': ['threadDriver'],
  'selfsame/vue': [
    'useDataLayer',
    'useAccountSettings',
    'useActiveIdentity',
    'useLaunchStatus',
    'PlatformServiceMixin',
  ],
  'selfsame/pinia': ['useIdentityStore', 'useSettingsStore'],
  'selfsame/testing': ['driverConformance', 'buildLegacyDatabase'],
  vue: ['createApp', 'inject'],
  vitest: ['test'],
  vite: ['defineConfig'],
}
const declarations: Readonly<Record<string, string>> = {
  dataLayer: "import('selfsame').DataLayer",
  db: "import('selfsame').Database",
  tx: "import('selfsame').Queryable",
  driver: "import('selfsame').Driver",
  connection: "import('selfsame').DriverConnection",
  account: "import('selfsame').Account",
  other: "import('selfsame').Account",
  shop: "import('selfsame').Component",
  did: 'string',
  key: 'string',
  now: 'string',
  text: 'string',
  publicKeyHex: 'string',
  mnemonicEncrBase64: 'string',
  wasmUrl: 'string',
  props: '{ did: string }',
  showAccountPicker: '() => void',
  myDriver: "(options: { name: string }) => import('selfsame').Driver",
  uniqueName: '() => string',
  App: "import('vue').Component",
  vue: "typeof import('@vitejs/plugin-vue').default",
}

function examplesIn(file: string): Example[] {
  const text = readFileSync(join(root, file), 'utf8')
  const bodies = file.endsWith('.md')
    ? [...text.matchAll(/^```ts[^\n]*\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body)
    : [...text.matchAll(/^[ \t]*\* @example\n((?:[ \t]*\*(?! @|\/).*\n)+)/gm)].map(([, body = '']) =>
        body.replaceAll(/^[ \t]*\* ?/gm, ''),
      )
  return bodies.map((body) => ({ source: file, text: body }))
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![.\\w$'-])${name}(?![\\w$'-])`).test(text)
}

function moduleOf({ source, text }: Example): string {
  const imported = new Set(
    [...text.matchAll(/import (?:\{([^}]*)\}|(\w+))/g)].flatMap(([, names, name]) =>
      (names ?? name ?? '').split(/[\s,]+/),
    ),
  )
  const declared = (name: string) =>
    imported.has(name) || new RegExp(`(?:const|let|function) (?:\\{[^}]*)?\\b${name}\\b`).test(text)
  const own = source.endsWith('.ts')
    ? [...readFileSync(join(root, source), 'utf8').matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(
        ([, name = '']) => name,
      )
    : []
  const wanted = (name: string) => mentions(text, name) && !declared(name)
  const lines: string[] = []
  const ownWanted = own.filter(wanted)
  if (ownWanted.length > 0)
    lines.push(`import { ${ownWanted.join(', ')} } from '${relative(folder, join(root, source))}'`)
  for (const [entry, names] of Object.entries(entryPoints)) {
    const found = names.filter((name) => !own.includes(name) && wanted(name))
    if (found.length > 0) lines.push(`import { ${found.join(', ')} } from '${entry}'`)
  }
  for (const [name, type] of Object.entries(declarations)) {
    if (!own.includes(name) && wanted(name)) lines.push(`declare const ${name}: ${type}`)
  }
  if (mentions(text, 'removeColumn') && !own.includes('removeColumn')) {
    lines.push(`import { removeColumn } from '${relative(folder, join(root, 'src/db/sql-text/edit-table.ts'))}'`)
  }
  // What a component's example says with `this` is said from inside one.
  const body =
    text.includes('this.$') && !text.includes('export default')
      ? `export async function member(this: import('selfsame').DataLayerMembers) {\n${text}}`
      : text
  return `${lines.join('\n')}\n${body}\nexport {}\n`
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('every example in the documentation and the doc comments compiles', () => {
  const files = [...globSync('src/**/*.ts', { cwd: root }), ...globSync('docs/**/*.md', { cwd: root }), 'README.md']
  const examples = files.flatMap(examplesIn)
  expect(examples.length).toBeGreaterThan(20)
  mkdirSync(folder, { recursive: true })
  const shim = "declare module '*.vue' {\n  const component: import('vue').Component\n  export default component\n}\n"
  // Electron is not a dependency: what its own modules give is the app's to bring.
  const electron = `declare module 'electron' {
  export const app: import('selfsame/electron/main').AppLike & {
    whenReady(): Promise<void>
    getPath(name: string): string
  }
  export const utilityProcess: {
    fork(script: string, parameters?: string[]): import('selfsame/electron/main').UtilityProcessLike
  }
  export const safeStorage: import('selfsame/electron/main').SafeStorageLike
  export const ipcMain: Parameters<typeof import('selfsame/electron/main').registerElectronDatabase>[0]
  export const contextBridge: Parameters<typeof import('selfsame/electron/preload').exposeElectronDatabase>[0]
  export const ipcRenderer: Parameters<typeof import('selfsame/electron/preload').exposeElectronDatabase>[1]
}
declare namespace NodeJS {
  interface Process {
    readonly parentPort: { once(event: 'message', listener: (event: { data: any }) => void): void }
  }
}\n`
  writeFileSync(join(folder, 'shims.d.ts'), shim + electron)
  const names = new Map<string, Example>()
  examples.forEach((example, index) => {
    const file = join(folder, `example-${index}.ts`)
    names.set(file, example)
    writeFileSync(file, moduleOf(example))
  })
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  )
  const program = ts.createProgram([...names.keys(), join(folder, 'shims.d.ts')], {
    ...config.options,
    noUnusedLocals: false,
    noUnusedParameters: false,
  })
  const problems = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file !== undefined && names.has(file.fileName))
    .map(({ file, messageText }) => {
      const example = names.get(file?.fileName ?? '')
      return `${example?.source}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}\n${example?.text}`
    })
  expect(problems).toEqual([])
})
