import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { components } from './components.ts'
import {
  damageIn,
  differences,
  noDatabase,
  orphansIn,
  readState,
  withDatabase,
  type DatabaseState,
} from './database-state.ts'
import { databaseName, keptCopy, runOperation } from './operations.ts'
import type { Scenario } from './templates.ts'

/** What a disturbed run left behind, beyond what was wrong: files that the next start does not need and does not mind. */
export interface Aftermath {
  readonly problems: readonly string[]
  readonly ignored: readonly string[]
}

/**
 * Looks at what is there, lets the next start finish it, and looks again. Nothing may be lost and nothing in the way.
 *
 * @param saidDone whether the operation said that it was done: then it is
 */
export async function aftermath(scenario: Scenario, folder: string, saidDone = false): Promise<Aftermath> {
  const database = join(folder, databaseName)
  const problems: string[] = []
  const note = (when: string, found: readonly string[]) =>
    problems.push(...found.map((problem) => `${when}: ${problem}`))
  const wholes = [scenario.before, scenario.after]
  try {
    const left = readState(database)
    wholes.push(left)
    if (left !== noDatabase) note('left behind', damageIn(database))
    if (saidDone) note('said to be done', differences(left, scenario.after))
    // A patch in pieces and the steps of a set-up have stations between; every other operation is all there or not at all.
    else if (!['migrate', 'continue', 'set-up'].includes(scenario.operation))
      note('left behind', mustBeOneOf(left, scenario.before, scenario.after))
    // A drop that is done already says so with an error: there is nothing of that name any more.
    const done = scenario.operation === 'drop' && differences(left, scenario.after).length === 0
    if (!done) await runOperation(scenario.operation, folder)
    note('finished', differences(readState(database), scenario.after))
    note('finished', damageIn(database))
    await runOperation('migrate', folder)
    note('started', differences(readState(database), scenario.started, isAppTable))
    note('started', [...damageIn(database), ...orphansIn(database), ...brokenPromises(database)])
  } catch (error) {
    const text =
      error instanceof Error
        ? `${error.message} ${JSON.stringify((error as { details?: unknown }).details ?? '')}`
        : String(error)
    problems.push(`broken start: ${text}`)
  }
  const { wrong, ignored } = leftovers(folder, wholes)
  note('files', wrong)
  return { problems, ignored }
}

// Going back and forth leaves its traces in the log of what was set aside; what the app has is the same.
const isAppTable = (name: string) => !name.startsWith('selfsame_')

function mustBeOneOf(found: DatabaseState, before: DatabaseState, after: DatabaseState): string[] {
  const fromBefore = differences(found, before)
  const fromAfter = differences(found, after)
  if (fromBefore.length === 0 && found.schema === before.schema) return []
  if (fromAfter.length === 0 && found.schema === after.schema) return []
  return [`neither as before (${fromBefore.join(', ')}) nor as after (${fromAfter.join(', ')})`]
}

function brokenPromises(file: string): string[] {
  return withDatabase(file, (database) =>
    components
      .flatMap(({ invariants = [] }) => invariants)
      .filter(({ rows }) => database.prepare(rows).all().length > 0)
      .map(({ name }) => `not so: ${name}`),
  )
}

/** Every copy that has its name must be a sound database; what is unfinished or damaged and says so is ignored. */
function leftovers(folder: string, wholes: readonly DatabaseState[]): { wrong: string[]; ignored: string[] } {
  const wrong: string[] = []
  const ignored: string[] = []
  const isCopy = /\.selfsame-backup-\w+-\w+\.sqlite$/
  const isIgnored =
    /\.unfinished[\w-]*$|\.selfsame-damaged-[\w-]+\.sqlite(-journal|-wal|-shm)?$|\.selfsame-lock(-journal)?$|\.selfsame-lock\.json(\.\w+)?$/
  for (const name of readdirSync(folder)) {
    if (name === databaseName || name === keptCopy) continue
    if (isCopy.test(name))
      wrong.push(...copyProblems(join(folder, name), wholes).map((problem) => `${name}: ${problem}`))
    else if (isIgnored.test(name)) ignored.push(name)
    else wrong.push(`${name} is left over`)
  }
  return { wrong, ignored }
}

function copyProblems(file: string, wholes: readonly DatabaseState[]): string[] {
  const damage = damageIn(file)
  const state = readState(file)
  const isWhole = wholes.some((expected) => differences(state, expected).length === 0)
  return isWhole ? damage : [...damage, 'not a copy of what was there']
}
