import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { openDatabase, type TestDatabase } from './test-database.ts'

/** A folder of its own with one database file in it. */
export interface FileFolder {
  readonly folder: string
  readonly file: string
  open(): Promise<TestDatabase>
  /** The folder's files with their content and time of change. */
  listing(): Promise<unknown[][]>
  remove(): Promise<void>
}

export async function makeFileFolder(): Promise<FileFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'selfsame-migration-'))
  const file = join(folder, 'app.sqlite')
  const describeFile = async (name: string) => {
    const path = join(folder, name)
    const content = createHash('sha256').update(await readFile(path))
    return [name, content.digest('hex'), (await stat(path)).mtimeMs]
  }
  return {
    folder,
    file,
    open: () => openDatabase(nodeDriver({ filename: file })),
    listing: async () => Promise.all((await readdir(folder)).toSorted().map(describeFile)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
