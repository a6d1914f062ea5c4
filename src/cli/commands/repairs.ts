import { Migrator } from '../../db/migration/migrator.ts'
import type { RepairEntry } from '../../db/migration/ledger/repair-log.ts'
import type { Command } from '../command.ts'
import { databaseFile } from '../common-options.ts'
import { withFile } from '../open-file.ts'
import { describeRepair } from '../terminal/report-text.ts'

/** The repair log: what migrations found wrong or set aside. */
export const repairs: Command = {
  name: 'repairs',
  description:
    'Lists the values that migrations put right or set aside, and what a rollback gave back. Changes nothing.',
  positionals: [databaseFile],
  options: {},
  async run({ values }) {
    const found = await withFile(values.argument('FILE'), 'read', ({ driver, connection }) =>
      new Migrator({ driver, connection }, []).repairs(),
    )
    const text = found.length > 0 ? found.map(describe).join('\n') : 'No value was put right or set aside.'
    return { json: { repairs: found }, text, ok: true }
  },
}

function describe(entry: RepairEntry): string {
  const { at, patch, givenBackAt } = entry
  return `${at}  ${patch}  ${describeRepair(entry)}${givenBackAt === null ? '' : `, given back ${givenBackAt}`}`
}
