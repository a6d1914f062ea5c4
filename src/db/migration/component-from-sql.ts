import { DataLayerError } from '../../errors/index.ts'
import { splitStatements } from '../sql-text/split.ts'
import type { Component, Patch } from './component.ts'
import { defineComponent } from './define-component.ts'
import { mustHaveNoHeader, readSqlFileHeader } from './sql-file-header.ts'

const patchFile = /^(.+-\d{4})\.sql$/
const revertFile = /^(.+-\d{4})\.revert\.sql$/

/**
 * A component from SQL files. `<component>-<NNNN>.sql` is a patch, `<component>-<NNNN>.revert.sql` undoes it,
 * `repeatable.sql` holds views and triggers, `drop.sql` runs before the component's objects are dropped. Comment lines at
 * the top of a patch declare `-- requires: a-0001, b-0002`, `-- conflicts: c-0001` and `-- min-reader: a-0001`; one that is
 * nearly such a line is refused, other comments are prose.
 *
 * @param files texts by file name; a folder in front of a name is ignored
 * @throws {DataLayerError} `unsupported` for a file that is none of these, files of two components, or a misspelt header
 * with `details.file` and `details.line`
 * @example
 * const shop = componentFromSql({
 *   'shop-0001.sql': 'CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL);',
 *   'shop-0001.revert.sql': 'DROP TABLE shop_orders;',
 * })
 * @example
 * // With Vite, a whole folder:
 * componentFromSql(import.meta.glob('./shop/*.sql', { query: '?raw', import: 'default', eager: true }))
 */
export function componentFromSql(files: Readonly<Record<string, string>>): Component {
  const texts = new Map<string, string>()
  for (const [path, text] of Object.entries(files)) {
    // Some file systems and tools write the ending in capitals.
    const file = path.replace(/^.*[\\/]/, '').replace(/\.sql$/i, '.sql')
    if (texts.has(file)) throw new DataLayerError('unsupported', `Two files are called ${file}.`)
    texts.set(file, text)
  }
  const patches = new Map<string, Patch>()
  const reverts = new Map<string, string[]>()
  let repeatables: string[] = []
  let drop: string[] = []
  for (const [file, text] of [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const revertOf = revertFile.exec(file)?.[1]
    const patch = patchFile.exec(file)?.[1]
    if (revertOf || !patch) mustHaveNoHeader(file, text)
    if (revertOf) reverts.set(revertOf, splitStatements(text))
    else if (patch)
      patches.set(patch, { name: patch, statements: splitStatements(text), ...readSqlFileHeader(file, text) })
    else if (file === 'repeatable.sql') repeatables = splitStatements(text)
    else if (file === 'drop.sql') drop = splitStatements(text)
    else
      throw new DataLayerError(
        'unsupported',
        `${file} is not the name of a patch, a revert, repeatable.sql or drop.sql.`,
      )
  }
  const names = new Set([...patches.keys()].map((name) => name.slice(0, -5)))
  const [name] = names
  if (name === undefined)
    throw new DataLayerError('unsupported', 'There is no numbered SQL file here, such as shop-0001.sql.')
  if (names.size > 1) {
    throw new DataLayerError('unsupported', `These files belong to several components: ${[...names].join(', ')}.`)
  }
  for (const [patch, revert] of reverts) {
    const target = patches.get(patch)
    if (!target) throw new DataLayerError('unsupported', `${patch}.revert.sql undoes a patch that is not there.`)
    patches.set(patch, { ...target, revert })
  }
  return defineComponent({ name, patches: [...patches.values()], repeatables, drop })
}
