import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { isComponentName } from '../../db/migration/define-component.ts'
import { readsAsHeader } from '../../db/migration/sql-file-header.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../usage-error.ts'

const patchFile = /^([a-z][a-z0-9_-]*)-(\d{4})\.sql$/i

/** Writes the next numbered file of a component. */
export const newPatch: Command = {
  name: 'new',
  description: 'Writes the next numbered SQL file of the component in this folder.',
  positionals: [
    { name: 'FOLDER', description: 'The folder of the component’s SQL files; made when it is missing' },
    { name: 'WHAT', description: 'What the patch is for, in a sentence' },
  ],
  options: {},
  async run({ values }) {
    const folder = resolve(values.argument('FOLDER'))
    const found = (await filesIn(folder)).map((name) => patchFile.exec(name)).filter((match) => match !== null)
    const name = found[0]?.[1] ?? basename(folder)
    if (!isComponentName(name)) {
      throw new UsageError(
        `${name} cannot be a component's name: lower-case words of letters and digits, joined by single hyphens.`,
      )
    }
    const next = Math.max(0, ...found.map((match) => Number(match[2]))) + 1
    if (next > 9999) throw new UsageError(`${name}-9999 is there: a component has no more than 9999 patches.`)
    await mkdir(folder, { recursive: true })
    const file = join(folder, `${name}-${String(next).padStart(4, '0')}.sql`)
    const what = values.argument('WHAT').replaceAll(/\s+/g, ' ').trim()
    // In quotes it is prose, whatever it says.
    const title = readsAsHeader(what) ? `“${what}”` : what
    // wx: a file that appeared meanwhile is somebody's work.
    await writeFile(file, `-- ${title}\n-- requires:\n\n`, { flag: 'wx' })
    return { json: { file }, text: `Written: ${file}`, ok: true }
  },
}

/** The names in a folder; none where it is still to be made. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') throw new UsageError(`${folder} is not a folder.`, { cause: error })
    throw error
  }
}
