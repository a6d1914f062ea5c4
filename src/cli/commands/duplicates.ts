import { findDuplicateAccounts, quarantineDuplicates } from '../../identity/duplicates.ts'
import { shortenDid } from '../../errors/index.ts'
import { duplicatesCommand } from '../advice.ts'
import type { Command } from '../command.ts'
import { databaseFile, lockOptions } from '../common-options.ts'
import { launchLockTimeoutMs } from '../launch-lock.ts'
import { withFile } from '../open-file.ts'
import { count } from '../terminal/amounts.ts'
import { UsageError } from '../usage-error.ts'
import { lockWishes } from './wishes.ts'

/** Accounts that share a DID, which nobody but the user can tell apart. */
export const duplicates: Command = {
  name: 'duplicates',
  description:
    'Lists accounts that share a DID. With --keep, sets the others aside in a quarantine table; nothing is lost.',
  positionals: [databaseFile],
  options: {
    ...lockOptions,
    keep: {
      type: 'list',
      value: 'ID',
      description: 'The id of the account to keep; one for each shared DID (repeatable)',
    },
  },
  async run({ values }) {
    const keep = values.list('keep').map(accountId)
    const file = values.argument('FILE')
    const waiting = lockWishes(values)
    const answer = await withFile(
      file,
      keep.length > 0 ? 'write' : 'read',
      async ({ driver, connection, db }) => {
        if (keep.length === 0) return { duplicates: await findDuplicateAccounts(db), quarantined: [] }
        const release = await driver.acquireLaunchLock({ timeoutMs: waiting.lockTimeoutMs ?? launchLockTimeoutMs })
        try {
          const quarantined = await quarantineDuplicates(connection, keep)
          return { duplicates: await findDuplicateAccounts(db), quarantined }
        } finally {
          await release()
        }
      },
      waiting,
    )
    const lines = [
      ...(answer.quarantined.length > 0 ? [`Set aside: ${count(answer.quarantined.length, 'account')}`] : []),
      ...answer.duplicates.map(({ did, ids }) => `${shortenDid(did)}: accounts ${ids.join(', ')}`),
      answer.duplicates.length > 0
        ? `Keep one of each, for example: ${duplicatesCommand(file, answer.duplicates)}`
        : 'No two accounts share a DID.',
    ]
    return { json: answer, text: lines.join('\n'), ok: true }
  },
}

function accountId(text: string): number {
  const id = Number(text)
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(id)) return id
  throw new UsageError('--keep takes the id of an account, a whole number.')
}
