import { resolve } from 'node:path'
import { nodeDriver } from '../../db/drivers/node/index.ts'
import { nodeCopies } from '../../db/drivers/node/node-copies.ts'
import { belongingQueries } from '../../db/migration/checks/belonging.ts'
import type { Command } from '../command.ts'
import { componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { loadComponents } from '../load-components.ts'
import { mustExist } from '../open-file.ts'
import { formatBytes } from '../terminal/amounts.ts'
import { launchLockTimeoutMs } from '../launch-lock.ts'
import { lockWishes } from './wishes.ts'

/** Puts a copy in the place of the database, whatever state that is in. */
export const restore: Command = {
  name: 'restore',
  description: 'Replaces the content of FILE by that of BACKUP, after keeping a copy of what was there.',
  positionals: [databaseFile, { name: 'BACKUP', description: 'The copy to put back' }],
  options: {
    'any-content': { type: 'flag', description: 'Takes a BACKUP that does not hold the tables of the components too' },
    ...lockOptions,
    ...componentOptions,
  },
  async run({ values, terminal }) {
    const file = resolve(values.argument('FILE'))
    const location = resolve(values.argument('BACKUP'))
    await mustExist(file)
    await mustExist(location)
    const waiting = lockWishes(values)
    const belongs = belongingQueries(await loadComponents(values))
    // Nobody migrates the database while it is replaced, and nobody replaces it while it is migrated.
    const release = await nodeDriver({ filename: file }).acquireLaunchLock({
      timeoutMs: waiting.lockTimeoutMs ?? launchLockTimeoutMs,
    })
    try {
      const copies = nodeCopies(file)
      const isOwn = (await copies.list({})).some((copy) => copy.location === location)
      const { bytes, undo } = await copies.restore(location, {
        ...waiting,
        ...(isOwn || values.flag('any-content') ? {} : { belongs }),
      })
      terminal.say(`What was there before: ${undo}`)
      return {
        json: { file, bytes, verified: true, undo },
        text: `Restored: ${file} (${formatBytes(bytes)})`,
        ok: true,
      }
    } finally {
      await release()
    }
  },
}
