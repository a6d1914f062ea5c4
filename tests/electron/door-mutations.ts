// Takes one check of the door out at a time, in a copy of the sources, and sees whether a test fails: `node
// tests/electron/door-mutations.ts [number]…`. Takes minutes, and is run by hand when the door changes.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../../scripts/entry-points.ts'

interface Mutation {
  readonly check: string
  readonly file: string
  readonly from: string
  readonly to: string
}

interface TestFile {
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
}

const of = (file: string, check: string, from: string, to = ''): Mutation => ({ check, file, from, to })

const mutations: readonly Mutation[] = [
  of('main/plain-values.ts', 'fields that nobody knows', '!names.includes(key)', 'false'),
  of(
    'main/plain-values.ts',
    'other prototypes',
    "|| !hasPlainPrototype(value)) throw malformed('no plain object')",
    ') throw malformed()',
  ),
  of('main/plain-values.ts', 'arrays that are too long', 'value.length > most', 'false'),
  of('main/plain-values.ts', 'holes in arrays', 'Reflect.ownKeys(value).length !== value.length + 1', 'false'),
  of('main/plain-values.ts', 'the form of a name', '|| !identifier.test(value)', ''),
  of('main/check-message.ts', 'calls that nobody knows', '!Object.hasOwn(checks, name)', 'false'),
  of('main/check-message.ts', 'the number of values', 'values.length !== count', 'false'),
  of('main/check-message.ts', 'the size of a message', 'if (left < 0)', 'if (left === 0.5)'),
  of(
    'main/check-message.ts',
    'what a column stores',
    'checkStatement({ text, params })',
    '({ text, params } as never as CheckedStatement)',
  ),
  of('main/check-message.ts', 'options', "transaction !== undefined && typeof transaction !== 'boolean'", 'false'),
  of('main/check-allowed.ts', 'ATTACH', "isWord(first, 'ATTACH')", 'false'),
  of('main/check-allowed.ts', 'DETACH', "|| isWord(first, 'DETACH')", ''),
  of('main/check-allowed.ts', 'VACUUM INTO', "isWord(token, 'INTO')", 'false'),
  // load_extension and fts3_tokenizer are refused twice: by engine-functions too.
  of('main/check-allowed.ts', 'functions of the engine that encrypts', 'sqlite3mc_.*|', ''),
  of('main/check-allowed.ts', 'sqlite_dbpage', 'sqlite_dbpage|', ''),
  of('main/check-allowed.ts', 'table-valued PRAGMAs', "name.startsWith('pragma_') &&", 'false &&'),
  of(
    'main/check-allowed.ts',
    'PRAGMAs that write',
    "return 'This PRAGMA is refused: it would",
    "return undefined\n  return 'It would",
  ),
  of(
    'main/check-allowed.ts',
    'PRAGMAs that tell of the machine',
    "? undefined : 'This PRAGMA is refused.'",
    '? undefined : undefined',
  ),
  of('main/check-allowed.ts', 'PRAGMAs of a session outside of one', '(inSession && sessionPragmas', '(sessionPragmas'),
  of(
    'host/pragma.ts',
    'EXPLAIN before a statement',
    "if (!isWord(tokens[0], 'EXPLAIN')) return tokens",
    'return tokens',
  ),
  of('host/pragma.ts', 'a schema before a PRAGMA', "tokens[2]?.text === '.' ? 3 : 1", '1'),
  of('main/check-sender.ts', 'the origin', 'if (!known) throw', 'if (false) throw'),
  of('main/check-sender.ts', 'frames inside a page', 'senderFrame && senderFrame.parent === null', 'senderFrame'),
  of('main/check-sender.ts', 'hosts that begin like ours', 'site === siteOf(url)', 'siteOf(url).startsWith(site)'),
  of(
    'main/check-sender.ts',
    'pages that let everybody in',
    "(url.protocol === 'file:' ? wholeDrive.test(url.pathname) : url.host === '')",
    'false',
  ),
  of(
    'main/register-electron-database.ts',
    'the name of the database',
    'const found = served.get(name)',
    'const found = served.get(name) ?? [...served.values()][0]',
  ),
  of('main/register-electron-database.ts', 'more than one message', 'if (values.length !== 1)', 'if (false)'),
  of('main/guarded-copies.ts', 'directories of copies', 'if (location !== undefined) throw', 'if (false) throw'),
  of('main/guarded-copies.ts', 'files that are no copies', 'if (!this.#known.has(location)) throw', 'if (false) throw'),
  of('main/pending-calls.ts', 'calls under way', 'if (own.calls >= pending)', 'if (false)'),
  of('main/pending-calls.ts', 'bytes under way', 'if (own.bytes + bytes > pendingBytes)', 'if (false)'),
  of('main/check-message.ts', 'the length of a text', 'text.length > limits.text ||', ''),
  of('main/check-message.ts', 'the length of all texts', '|| textsLeft < 0', ''),
  of('main/check-message.ts', 'what a copy is asked', "if (!isWord(tokens[0], 'SELECT') ||", 'if ('),
  of('host/session-line.ts', 'the time of a call that waits', 'resolve(true), waitMs', 'resolve(true), 100_000'),
  of('host/hosted-locks.ts', 'launch locks of a window', '.length >= this.#most', '.length < 0'),
  of('main/pending-calls.ts', 'calls that end something', 'if (ending.has(call.name)) return work()', ''),
  of(
    'host/hosted-database.ts',
    'a transaction that nobody would end',
    '    refuseTransactionControl(statements)\n',
    '',
  ),
  of(
    'host/hosted-database.ts',
    'another window’s connection',
    'this.#clients.get(`${peer} ${id}`)\n    if (!client ||',
    '[...this.#clients.values()].find((each) => each.id === id)\n    if (!client ||',
  ),
  of('host/hosted-database.ts', 'connections of a window', 'this.#clientsOf(peer).length >= mostConnections', 'false'),
  of(
    'host/hosted-database.ts',
    'a statement of a window that is gone',
    'await this.#driver.stopIfStuck(within)',
    'await undefined',
  ),
  of('host/bounded-results.ts', 'the size of an answer', 'of results)', 'of [] as typeof results)'),
  of('host/let-go.ts', 'the connection’s state after a session', 'if (changedState) client', 'if (false) client'),
  of(
    'thread/thread-driver.ts',
    'the time of a statement',
    'this.stopIfStuck(this.#longestStatementMs)',
    'Promise.resolve()',
  ),
  of('main/pages.ts', 'documents that are gone', '      this.#gone(page.peer)\n', ''),
  of('main/pages.ts', 'the end of a window', "contents.on('destroyed', endAll)", ''),
  of('main/pages.ts', 'crashes of a renderer', "contents.on('render-process-gone', endAll)", ''),
  of(
    'main/pages.ts',
    'documents that are left',
    "contents.on('did-navigate', () =>",
    "contents.on('no-such-event', () =>",
  ),
  of('main/pages.ts', 'late messages of a document that has gone', '?.has(page)) throw', '?.has(page) && false) throw'),
  of('main/engine-functions.ts', 'functions that nobody knows', 'if (called) throw', 'if (false) throw'),
  of('main/check-allowed.ts', 'TEMP objects', "isWord(second, 'TEMP') || isWord(second, 'TEMPORARY') || ", ''),
  of('main/check-allowed.ts', 'objects in the schema temp', ' || createsInTemp(tokens)', ''),
  of('host/running-calls.ts', 'whose statement is ended', 'return first?.peer === peer', 'return true'),
  of(
    'main/engine-functions.ts',
    'queries of a copy while the database does not open',
    'if (belongs.length > 0 && !this.#refused)',
    'if (belongs.length < 0)',
  ),
  of('main/check-message.ts', 'the connection of a copy', 'null : identifierOf(value)', 'null : (value as string)'),
]

const folder = mkdtempSync(join(tmpdir(), 'selfsame-mutations-'))
for (const name of [
  'src',
  'tests',
  'scripts',
  'app',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'vite.config.ts',
])
  cpSync(join(projectFolder, name), join(folder, name), { recursive: true })
symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'))

/** The first test that fails; `undefined` when all pass. */
function failingTest(file?: string): string | undefined {
  const report = join(folder, 'report.json')
  const looksAtMessages = file !== undefined && /plain-values|check-|pragma|functions/.test(file)
  const names = looksAtMessages
    ? ['door', 'fuzz', 'restore-queries', 'recovery']
    : ['door', 'leaving', 'waiting', 'windows', ...(file ? [] : ['fuzz', 'recovery'])]
  const parameters = [
    'run',
    ...names.map((name) => `tests/electron/${name}.test.ts`),
    '--maxWorkers=1',
    '--bail=1',
    '--testTimeout=15000',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...parameters], { cwd: folder, stdio: 'ignore' })
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as { testResults: TestFile[] }
  rmSync(report)
  // A file that cannot be loaded has no test to fail: that is no proof.
  return testResults.flatMap(({ assertionResults }) => assertionResults).find(({ status }) => status === 'failed')
    ?.fullName
}

const chosen = process.argv.slice(2).map(Number)
const table: { readonly check: string; readonly seenBy: string }[] = []
try {
  const before = failingTest()
  if (before !== undefined) throw new Error(`With nothing taken out, this fails: ${before}`)
  for (const [index, { check, file, from, to }] of mutations.entries()) {
    if (chosen.length > 0 && !chosen.includes(index + 1)) continue
    const path = join(folder, 'src/db/drivers/electron', file)
    const whole = readFileSync(path, 'utf8')
    if (!whole.includes(from)) throw new Error(`${file} has changed: ${from}`)
    writeFileSync(
      path,
      whole.replace(from, () => to),
    )
    const seenBy = failingTest(file) ?? 'NOT SEEN'
    writeFileSync(path, whole)
    if (seenBy === 'NOT SEEN') process.exitCode = 1
    table.push({ check: `${index + 1} ${file}: ${check}`, seenBy })
    process.stdout.write(`${index + 1} ${check}: ${seenBy}\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const seen = table.filter(({ seenBy }) => seenBy !== 'NOT SEEN').length
process.stdout.write(`\n| check taken out | first test that fails |\n|---|---|\n`)
for (const { check, seenBy } of table) process.stdout.write(`| ${check} | ${seenBy} |\n`)
process.stdout.write(`${seen} of ${table.length} taken out are seen\n`)
