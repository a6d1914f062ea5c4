import { existsSync } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DataLayerError } from '../../../../errors/index.ts'
import { whenFree } from '../busy-retry.ts'
import { findCopies } from '../copy-names.ts'
import { mustHaveRoom, syncToDisk } from '../file-durability.ts'
import { createLaunchLock } from '../launch-lock.ts'
import { leaveWal } from '../leave-wal.ts'
import { codedError } from '../node-error.ts'
import { openFile } from '../open-file.ts'
import { realPath } from '../../../real-path.ts'
import { findDamage } from '../page-copy.ts'
import { plainEngine } from '../plain-engine.ts'
import { CipherDatabase } from './cipher-database.ts'
import { isPlain } from '../plain-file.ts'
import { cipherEngine, connectCipher } from './cipher-engine.ts'
import { loadCipherModule, type CipherHandle, type CipherModule } from './cipher-module.ts'
import { mustBeSame } from './compare-content.ts'
import { mustHaveNoQuotedTexts, toldOfQuotedText } from './quoted-texts.ts'
import { checkKey } from './encrypted-driver.ts'

export interface EncryptedDatabase {
  /** Whether this call did it; `false` when there is no file yet, or an encrypted one. */
  readonly encrypted: boolean
  /** Earlier backups that are not encrypted: they hold what the file held, and are the app's to keep or remove. */
  readonly plainCopies: readonly string[]
}

/** How long another process may be launching the database, in milliseconds. */
const longestLaunch = 60_000

/** How long to wait for another connection's transaction, in milliseconds. */
const longestLock = 1000

/**
 * Encrypts a database that is not encrypted; called before it is opened. An encrypted copy is written, compared row by row with the database, and put in
 * its place in one step: killed at any point, the file is the one or the other, and the next call does what is left.
 *
 * Nobody writes meanwhile. A connection that is open in another process without a transaction is noticed in WAL mode alone;
 * elsewhere its next write fails, as the file it has is no longer the database.
 *
 * @throws {DataLayerError} `locked` while others read or write it, or have it open in WAL mode, `no-space`, `corrupt`, `wrong-key` for one that another key
 *   encrypted, `unsupported` for a schema with texts in double quotes, which this SQLite takes for names
 * @example
 * const { plainCopies } = await encryptDatabase({ filename: 'app.sqlite', key })
 */
export async function encryptDatabase({
  filename,
  key,
}: {
  readonly filename: string
  readonly key: string
}): Promise<EncryptedDatabase> {
  checkKey(key)
  const path = realPath(filename)
  const module = await loadCipherModule()
  const release = await createLaunchLock(path)({ timeoutMs: longestLaunch })
  try {
    await removeUnfinished(path)
    const plain = existsSync(path) && (await stat(path)).size > 0 && isPlain(path)
    if (plain) await encrypt(path, key, module)
    else if (existsSync(path)) await mustOpen(path, key, module)
    return { encrypted: plain, plainCopies: await plainCopiesOf(path) }
  } finally {
    await release()
  }
}

const unfinishedName = (path: string) => `${path}.selfsame-encrypting`

async function encrypt(path: string, key: string, module: CipherModule): Promise<void> {
  const unfinished = unfinishedName(path)
  try {
    const encoding = await prepare(path)
    const { size, mode } = await stat(path)
    await mustHaveRoom(dirname(path), 2 * size)
    // Made by us, so that it has the rights of the file whose place it takes.
    await (await open(unfinished, 'wx', mode)).close()
    await replaceByEncrypted(path, unfinished, encoding, connectCipher(module, `${unfinished}-empty`, newFile, key))
    await syncToDisk(dirname(path))
  } catch (error) {
    await removeUnfinished(path).catch(() => undefined)
    throw codedError(toldOfQuotedText(error))
  }
}

const newFile = { create: true, readOnly: false }

/**
 * Opened to write, so that SQLite takes back what a killed process left half done, and no WAL stays beside the new file.
 *
 * @returns the encoding of its texts
 */
async function prepare(path: string): Promise<string> {
  const database = await openFile(path, { create: false, readOnly: false, engine: plainEngine })
  let encoding: unknown
  try {
    const findings = findDamage(database)
    if (findings.length > 0)
      throw new DataLayerError('corrupt', undefined, { details: { findings: findings.slice(0, 10) } })
    // POSIX locks are the process's (man 2 fcntl): of connections in this one, this SQLite sees its own alone.
    await whenFree(() => database.exec('BEGIN EXCLUSIVE; ROLLBACK'), undefined, longestLock)
    ;[encoding] = Object.values(database.prepare('PRAGMA encoding').get() ?? {})
  } finally {
    database.close()
  }
  await leaveWal(path, plainEngine)
  return String(encoding)
}

async function replaceByEncrypted(
  path: string,
  unfinished: string,
  encoding: string,
  handle: CipherHandle,
): Promise<void> {
  const database = new CipherDatabase(handle)
  try {
    const attach = (file: string, name: string, options = '') =>
      database.exec(`ATTACH '${file.replaceAll("'", "''")}' AS ${name}${options}`)
    // All databases of one connection have one encoding.
    database.exec(`PRAGMA encoding = '${encoding}'`)
    attach(path, 'plain', " KEY ''")
    await hold(database)
    mustHaveNoQuotedTexts(database, 'plain')
    // SQLCipher's own, with which the copy is opened; that of older files is often 1024.
    database.exec('PRAGMA plain.page_size = 4096')
    // The target takes the key of `main`, which is a database without anything in it.
    database.exec(`VACUUM plain INTO '${unfinished.replaceAll("'", "''")}'`)
    attach(unfinished, 'encrypted')
    database.exec('BEGIN')
    mustBeSame(database, 'plain', 'encrypted')
    database.exec('COMMIT; DETACH encrypted')
    await syncToDisk(unfinished)
    // Windows renames onto no file that is open, by us or by others.
    if (process.platform === 'win32') database.close()
    await rename(unfinished, path)
  } finally {
    database.close()
    for (const suffix of ['', '-journal']) await rm(`${unfinished}-empty${suffix}`, { force: true })
  }
}

/**
 * Keeps every other process from the plain file until the connection is closed. VACUUM runs in no transaction, and in this
 * mode the lock outlives the one that took it. Nothing here may open and close the file meanwhile: that would let it go.
 */
async function hold(database: CipherDatabase): Promise<void> {
  database.exec('PRAGMA plain.locking_mode = EXCLUSIVE')
  await whenFree(() => database.exec('BEGIN EXCLUSIVE; COMMIT'), undefined, longestLock)
  const [mode] = Object.values(database.prepare('PRAGMA plain.journal_mode').get() ?? {})
  if (mode === 'wal') throw new DataLayerError('locked', 'Another process opened the database meanwhile.')
}

async function mustOpen(path: string, key: string, module: CipherModule): Promise<void> {
  ;(await openFile(path, { create: false, readOnly: false, engine: cipherEngine(module, key) })).close()
}

async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path)
  const start = unfinishedName(path).slice(folder.length + 1)
  for (const name of await readdir(folder)) {
    if (name.startsWith(start)) await rm(resolve(folder, name), { force: true })
  }
}

async function plainCopiesOf(path: string): Promise<string[]> {
  const copies = await findCopies(path, undefined)
  return copies.map(({ location }) => location).filter(isPlain)
}
