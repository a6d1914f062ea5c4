import { open, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DataLayerError } from '../../errors/index.ts'
import { buildLegacyDatabase, writeLegacyDatabase, type LegacyState } from '../../testing/legacy/index.ts'
import type { Command, CommandValues } from '../command.ts'
import { databaseFile } from '../common-options.ts'
import { withFile } from '../open-file.ts'
import { shellQuote } from '../shell-quote.ts'
import { count } from '../terminal/amounts.ts'
import { invocation } from '../usage.ts'
import { UsageError } from '../usage-error.ts'

const states = ['valid', 'none', 'orphan', 'duplicate'] as const satisfies readonly LegacyState[]
const mostAccounts = 1_000_000

/** A legacy database to try things on. */
export const demo: Command = {
  name: 'demo',
  description: 'Writes a legacy database with made-up accounts to try things on. FILE must not exist yet.',
  positionals: [databaseFile],
  options: {
    accounts: { type: 'text', value: 'N', description: 'How many accounts; 3 unless said' },
    state: { type: 'text', choices: states, description: 'What the active DID is; valid unless said' },
  },
  async run({ values }) {
    const file = resolve(values.argument('FILE'))
    const accounts = numberOfAccounts(values)
    const state = states.find((name) => name === values.text('state')) ?? 'valid'
    if (state === 'duplicate' && accounts < 2) throw new UsageError('--state duplicate takes two accounts at least.')
    const statements = buildLegacyDatabase({ accounts, state })
    await reserveFile(file)
    try {
      await withFile(file, 'write', ({ connection }) => writeLegacyDatabase(connection, statements))
    } catch (error) {
      await rm(file, { force: true })
      throw error
    }
    const text = `Written: ${file}, ${count(accounts, 'account')}, active DID: ${state}`
    const next = `Next: ${invocation()} migrate ${shellQuote(values.argument('FILE'))}`
    return { json: { file, accounts, state }, text: `${text}\n${next}`, ok: true }
  },
}

function numberOfAccounts(values: CommandValues): number {
  const text = values.text('accounts') ?? '3'
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= mostAccounts) return number
  throw new UsageError(`--accounts takes a whole number up to ${mostAccounts.toLocaleString('en')}.`)
}

/** Creates the file empty, in one step with finding that there is none: nothing that exists is ever written over. */
async function reserveFile(file: string): Promise<void> {
  try {
    await (await open(file, 'wx')).close()
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    const message = exists ? `${file} exists already; demo writes over nothing.` : `${file} cannot be written.`
    throw new DataLayerError('storage-unavailable', message, { cause: error })
  }
}
