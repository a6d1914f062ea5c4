// SQLCipher 4 as a library that stands in the place of the system's SQLite. Its source is the amalgamation in a package of npm,
// brought when it is first needed; neither it nor the library is committed.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { installDebianPackages } from './debian-packages.ts'
import { projectFolder } from './entry-points.ts'

const source = '@journeyapps/sqlcipher@6.0.0'
const sha512 = 'YmWSQIR4cnv+5L38lYJoS/dIF/+bEZBaACATbeTyq4XKjMHcxdIlFnElBLiIqa9rwseOIimIYjudgOOCovud3Q=='

/** sqlcipher-android's own options (jni/sqlcipher/Android.mk), with OpenSSL in the place of LibTomCrypt. */
const options = [
  ...['-O1', '-fPIC', '-shared', '-D_GNU_SOURCE', '-include', 'stdint.h', '-DHAVE_STDINT_H=1', '-DHAVE_USLEEP'],
  ...['-DSQLITE_HAS_CODEC', '-DSQLCIPHER_CRYPTO_OPENSSL', '-DSQLITE_TEMP_STORE=2', '-DSQLITE_THREADSAFE=1'],
  ...['-DSQLITE_EXTRA_INIT=sqlcipher_extra_init', '-DSQLITE_EXTRA_SHUTDOWN=sqlcipher_extra_shutdown'],
  ...['-DSQLITE_ENABLE_COLUMN_METADATA', '-DSQLITE_ENABLE_FTS4', '-DSQLITE_ENABLE_FTS3_PARENTHESIS'],
  ...['-DSQLITE_ENABLE_FTS5', '-DSQLITE_ENABLE_RTREE', '-DSQLITE_SOUNDEX', '-DSQLITE_ENABLE_LOAD_EXTENSION'],
  ...['-DSQLITE_ENABLE_STAT4', '-DSQLITE_MAX_VARIABLE_NUMBER=99999', '-DSQLITE_DEFAULT_JOURNAL_SIZE_LIMIT=1048576'],
  ...['-DSQLITE_ENABLE_DBSTAT_VTAB', '-DSQLITE_USE_URI', '-Wl,-soname,libsqlite3.so.0'],
]

/** The folder that holds the library as `libsqlite3.so.0` and as `libsqlcipher.so`; builds it first when it is not there. */
export function ensureSqlcipher(): string {
  const cache = join(projectFolder, 'node_modules/.cache/sqlcipher')
  const key = createHash('sha256')
    .update([source, sha512, ...options].join('\n'))
    .digest('hex')
    .slice(0, 16)
  const built = join(cache, key)
  if (existsSync(built)) return built
  ensureCompiler()
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'build-'))
  try {
    build(folder)
    // Two processes may build at once: the first to finish is kept.
    if (!existsSync(built)) renameSync(folder, built)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return built
}

function build(folder: string): void {
  process.stdout.write(`Building SQLCipher from ${source}, once.\n`)
  const npm = process.env['npm_execpath']
  const [program, before] = npm ? [process.execPath, [npm]] : ['npm', []]
  execFileSync(program, [...before, 'pack', source, '--ignore-scripts', '--silent'], { cwd: folder, stdio: 'pipe' })
  const archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '')
  const found = createHash('sha512').update(readFileSync(archive)).digest('base64')
  if (found !== sha512) throw new Error(`The archive of ${source} is not the one that was looked at: ${found}`)
  const amalgamation = 'package/deps/sqlcipher-amalgamation'
  execFileSync('tar', ['-xzf', archive, '-C', folder, amalgamation])
  const library = join(folder, 'libsqlite3.so.0')
  const libraries = ['-lcrypto', '-lpthread', '-ldl', '-lm']
  execFileSync('gcc', [...options, '-o', library, join(folder, amalgamation, 'sqlite3.c'), ...libraries], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  symlinkSync('libsqlite3.so.0', join(folder, 'libsqlcipher.so'))
  rmSync(archive)
  rmSync(join(folder, 'package'), { recursive: true })
}

function ensureCompiler(): void {
  const needed = ['/usr/bin/gcc', '/usr/include/openssl/crypto.h']
  if (needed.every((path) => existsSync(path))) return
  installDebianPackages('What SQLCipher is built with', ['gcc', 'libc6-dev', 'libssl-dev'])
  const absent = needed.filter((path) => !existsSync(path))
  if (absent.length > 0)
    throw new Error(`Building SQLCipher needs gcc and libssl-dev: there is no ${absent.join(', ')}.`)
}
