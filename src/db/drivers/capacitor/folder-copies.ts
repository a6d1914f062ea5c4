import { DataLayerError } from '../../../errors/index.ts'
import type { DriverCopies, StoredCopy } from '../../driver.ts'
import { structuralDamage } from '../../structural-damage.ts'
import type { Bridge } from './bridge.ts'
import type { CopyFile, DatabaseFolder } from './database-folder.ts'
import type { OpenedDatabase } from './open-database.ts'
import { codedError } from './plugin-error.ts'
import { quoteText } from './quote-text.ts'
import { restoreFrom } from './restore-copy.ts'
import { readSchema } from './schema.ts'

type Alone = <T>(work: (opened: OpenedDatabase) => Promise<T>) => Promise<T>

/** Copies of the database as files beside it, made and put back with SQL alone: the plugin can copy no open database. */
export function folderCopies(folder: DatabaseFolder, alone: Alone): DriverCopies {
  const write = async (bridge: Bridge): Promise<StoredCopy> => {
    const copy = await folder.newCopy()
    try {
      await bridge.query({ text: `VACUUM INTO ${quoteText(copy.path)}`, values: [] })
      return { location: copy.path, bytes: await attached(bridge, folder, copy, () => checkSound(bridge)) }
    } catch (error) {
      await folder.remove(copy).catch(() => undefined)
      throw asBackupError(error)
    }
  }
  return {
    write: ({ directory, location }) => {
      if (directory !== undefined || location !== undefined)
        return Promise.reject(new DataLayerError('unsupported', 'The plugin keeps copies beside the database only.'))
      return alone(({ bridge }) => write(bridge))
    },
    list: () =>
      alone(async ({ bridge }) => {
        const listed: (StoredCopy & { writtenAt: string })[] = []
        for (const copy of await folder.copies()) {
          const bytes = await attached(bridge, folder, copy, () => sizeOf(bridge)).catch(unreadable)
          listed.push({ location: copy.path, bytes, writtenAt: copy.writtenAt })
        }
        return listed
      }),
    remove: (location) =>
      alone(async () => {
        const copy = await folder.find(location)
        if (copy) await folder.remove(copy)
      }),
    restore: (location) =>
      alone(async ({ bridge, runner }) => {
        const copy = await folder.find(location)
        if (!copy) throw new DataLayerError('storage-unavailable', 'There is no such copy.')
        const bytes = await attached(bridge, folder, copy, () => checkSound(bridge))
        // An app that was killed as it wrote the copy has left a journal, which has rolled all of it back.
        if (bytes === 0)
          throw new DataLayerError('corrupt', 'The copy has nothing in it: it was not written to its end.')
        const undo = await write(bridge)
        try {
          await bridge.query({ text: 'PRAGMA foreign_keys = OFF', values: [] })
          await bridge.query({ text: 'PRAGMA ignore_check_constraints = ON', values: [] })
          // A schema that is refused would lock the app out of its database, and of the copy made to undo this.
          await attached(bridge, folder, copy, () =>
            restoreFrom(bridge, async () => {
              await readSchema(bridge)
            }),
          )
        } finally {
          await bridge.query({ text: 'PRAGMA ignore_check_constraints = OFF', values: [] })
          await bridge.query({ text: 'PRAGMA foreign_keys = ON', values: [] })
          runner.forget()
        }
        return { location, bytes, undo: undo.location }
      }),
  }
}

/** Runs `work` while the copy is attached as `selfsame_copy`. */
async function attached<T>(bridge: Bridge, folder: DatabaseFolder, copy: CopyFile, work: () => Promise<T>): Promise<T> {
  try {
    // Without a key of its own SQLCipher takes the database's, with the salt of this file.
    await attach(bridge, copy).catch(async (error: unknown) => {
      if (codedError(error).code !== 'not-a-database') throw error
      const [key, plain] = [await folder.key(), '']
      if (key === undefined) return attach(bridge, copy, plain)
      // Made of an earlier file, which had another salt; or before the database was encrypted.
      return attach(bridge, copy, key).catch(() => attach(bridge, copy, plain))
    })
    try {
      return await work()
    } finally {
      await bridge.query({ text: 'DETACH selfsame_copy', values: [] })
    }
  } catch (error) {
    throw codedError(error)
  }
}

/** @param key bound, so that no error quotes it */
async function attach(bridge: Bridge, { path }: CopyFile, key?: string): Promise<unknown> {
  if (key === undefined) return bridge.query({ text: 'ATTACH ? AS selfsame_copy', values: [path] })
  return bridge.query({ text: 'ATTACH ? AS selfsame_copy KEY ?', values: [path, key] })
}

/** The size of a copy that can be listed and removed, and nothing else. */
function unreadable(error: unknown): number {
  if (['not-a-database', 'corrupt'].includes(codedError(error).code)) return 0
  throw error
}

async function sizeOf(bridge: Bridge): Promise<number> {
  const text = `SELECT page_count * page_size AS bytes FROM pragma_page_count('selfsame_copy'), pragma_page_size('selfsame_copy')`
  return Number((await bridge.query({ text, values: [] })).rows[0]?.['bytes'])
}

/** @throws {DataLayerError} `corrupt` */
async function checkSound(bridge: Bridge): Promise<number> {
  const { rows } = await bridge.query({ text: 'PRAGMA selfsame_copy.quick_check', values: [] })
  const findings = structuralDamage(rows.map((row) => String(Object.values(row)[0])))
  if (findings.length > 0)
    throw new DataLayerError('corrupt', undefined, { details: { findings: findings.slice(0, 10) } })
  return sizeOf(bridge)
}

function asBackupError(error: unknown): DataLayerError {
  const coded = codedError(error)
  if (['no-space', 'corrupt', 'closed'].includes(coded.code)) return coded
  return new DataLayerError('backup-failed', undefined, { cause: coded })
}
