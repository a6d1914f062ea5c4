import { Migrator } from '../../db/migration/migrator.ts'
import type { MigrationPlan } from '../../db/migration/migrator-types.ts'
import type { Command } from '../command.ts'
import { componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { loadComponents } from '../load-components.ts'
import { withFile } from '../open-file.ts'
import { count } from '../terminal/amounts.ts'
import { describeRepair } from '../terminal/report-text.ts'
import { adviceFor } from '../advice.ts'
import { lockWishes, migrationWishes, wishOptions } from './wishes.ts'

/** What `migrate` would do, found by doing it in a transaction that is rolled back. */
export const plan: Command = {
  name: 'plan',
  description: 'Shows what migrate would do, statement by statement. Changes nothing.',
  positionals: [databaseFile],
  options: { ...wishOptions, ...lockOptions, ...componentOptions },
  async run({ values }) {
    const components = await loadComponents(values)
    const waiting = lockWishes(values)
    const options = { ...migrationWishes(values), ...waiting }
    const found = await withFile(
      values.argument('FILE'),
      'write',
      ({ driver, connection }) => new Migrator({ driver, connection }, components, options).plan(),
      waiting,
    )
    return { json: found, text: describe(found, values.argument('FILE')), ok: found.problems.length === 0 }
  },
}

function describe(
  { steps, repeatables, adopted, repairs, warnings, problems, held }: MigrationPlan,
  file: string,
): string {
  const lines = adopted.map((name) => `${name}: the database has this already`)
  const patches = steps.flatMap(({ patch, statements, rows }) => [
    `${patch}: ${count(statements.length, 'statement')}, ${count(
      rows.reduce((sum, number) => sum + number, 0),
      'row',
    )}`,
    ...statements.map(oneLine),
  ])
  lines.push(...patches)
  if (repeatables.length > 0) lines.push('views and triggers:', ...repeatables.map(oneLine))
  lines.push(...repairs.map((repair) => `To be repaired: ${describeRepair(repair)}`), ...warnings)
  if (lines.length === 0 && problems.length === 0) lines.push('Nothing is pending.')
  if (held.length > 0) lines.push(`Held: ${held.join(', ')}`)
  for (const { code, message } of problems) lines.push(`${code}: ${message}`, ...adviceFor(code, file))
  return lines.join('\n')
}

function oneLine(text: string): string {
  return `  ${text.replaceAll(/\s+/g, ' ').trim()};`
}
