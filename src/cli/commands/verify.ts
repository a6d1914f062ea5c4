import { verifyDatabase, type VerifyReport } from '../../db/verify.ts'
import type { Command } from '../command.ts'
import { componentOptions, databaseFile } from '../common-options.ts'
import { loadComponents } from '../load-components.ts'
import { withFile } from '../open-file.ts'
import { count } from '../terminal/amounts.ts'

/** Checks a database as a whole. */
export const verify: Command = {
  name: 'verify',
  description: 'Checks the file, its foreign keys and what its components promise. Changes nothing.',
  positionals: [databaseFile],
  options: componentOptions,
  async run({ values, terminal }) {
    const components = await loadComponents(values)
    const report = await withFile(values.argument('FILE'), 'read', ({ db }) => verifyDatabase(db, components))
    const verdict = report.ok
      ? terminal.paint('green', 'Everything holds.')
      : terminal.paint('red', 'Something is wrong.')
    return { json: report, text: [...describe(report), verdict].join('\n'), ok: report.ok }
  },
}

function describe({ integrity, foreignKeys, invariants, fingerprint, recordedFingerprint }: VerifyReport): string[] {
  return [
    integrity.length === 0 ? 'File: sound' : `File: ${integrity.join('; ')}`,
    foreignKeys.length === 0
      ? 'Foreign keys: all hold'
      : `Foreign keys: ${count(foreignKeys.length, 'row')} without a parent`,
    ...invariants.map(({ name, ok, detail }) => `${name}: ${ok ? 'holds' : `broken${detail ? `, ${detail}` : ''}`}`),
    `Schema: ${fingerprint}${recordedFingerprint === null || recordedFingerprint === fingerprint ? '' : ', changed since the last migration'}`,
  ]
}
