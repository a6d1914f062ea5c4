import { resolve } from 'node:path'
import { nodeCopies } from '../../db/drivers/node/node-copies.ts'
import type { Command } from '../command.ts'
import { databaseFile } from '../common-options.ts'
import { mustExist, readOnlyFirst } from '../open-file.ts'
import { shellQuote } from '../shell-quote.ts'
import { formatBytes } from '../terminal/amounts.ts'
import { invocation } from '../usage.ts'

/** A checked copy of the database, complete even while an app writes to it. */
export const backup: Command = {
  name: 'backup',
  description: 'Copies the database and checks the copy. Changes nothing.',
  positionals: [databaseFile],
  options: {
    out: {
      type: 'text',
      value: 'PATH',
      description: 'The copy; beside the database unless said. It must not exist yet',
    },
  },
  async run({ values }) {
    const file = resolve(values.argument('FILE'))
    await mustExist(file)
    const out = values.text('out')
    const where = out === undefined ? {} : { location: resolve(out) }
    const { location, bytes } = await readOnlyFirst((readOnly) => nodeCopies(file, { readOnly }).write(where))
    const next = `To put it back: ${invocation()} restore ${shellQuote(values.argument('FILE'))} ${shellQuote(location)}`
    return {
      json: { file: location, bytes, verified: true },
      text: `Copied and checked: ${location} (${formatBytes(bytes)})\n${next}`,
      ok: true,
    }
  },
}
