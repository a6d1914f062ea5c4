import { DataLayerError, redactText } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { quoteName, sql } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'
import { nameOf, tokenize } from '../../sql-text/tokenize.ts'
import type { Statement } from '../../statement.ts'
import { canFire } from '../checks/broken-objects.ts'
import type { Component } from '../component.ts'
import { repeatablesOf, waits, type Repeatable } from './repeatables.ts'
import { standing, taken } from './taken-names.ts'
import { putBack, type ViewTrigger } from './view-triggers.ts'

export interface CreateOptions {
  /** Whether what a component's repeatables need may still be to come. */
  readonly mayWait: (component: string) => boolean
  /** Told of each that is left out for that. */
  readonly skipped: (name: string) => void
  /** What {@link dropRepeatables} set aside. */
  readonly triggers: readonly ViewTrigger[]
}

/**
 * Creates the repeatables that are not recorded, each after those it uses, whatever order they are written in. While a patch
 * is held a view may want what is not there yet: it is then left out, and what uses it too, and `skipped` is told.
 *
 * @throws {DataLayerError} `patch-failed` naming the first that could not be created and why, `foreign-schema` where
 * something else has its name
 */
export async function createRepeatables(
  tx: Queryable,
  components: readonly Component[],
  { mayWait, skipped, triggers }: CreateOptions,
): Promise<void> {
  // A row whose view or trigger somebody dropped is as if it were not there, whosever it is.
  const rows = await tx.query<{ name: string }>(
    sql`SELECT name FROM selfsame_repeatables AS r WHERE checksum GLOB ${`${waits}*`}
      OR EXISTS (SELECT 1 FROM sqlite_schema AS s WHERE s.name = r.name AND s.type IN ('view', 'trigger'))`,
  )
  const recorded = new Set([...rows, ...triggers].map(({ name }) => name))
  const wanted = repeatablesOf(components).filter(({ name }) => !recorded.has(name))
  const missing = await createInTurn(tx, afterWhatTheyUse(wanted), mayWait)
  const leftOut = namesLeftOut([...missing.keys()], mayWait)
  for (const [repeatable, error] of missing) {
    if (!leftOut.has(foldName(repeatable.name))) {
      const [isTaken] = await standing(tx, [repeatable])
      throw isTaken ? taken(repeatable) : creationError(repeatable, error)
    }
    skipped(repeatable.name)
    await tx.execute(record({ ...repeatable, checksum: `${waits}${repeatable.checksum}` }))
  }
  await putBack(tx, triggers)
}

/** A text may name what it does not use, a column say: where that is wrong the next round creates it. */
function afterWhatTheyUse(wanted: readonly Repeatable[]): Repeatable[] {
  const byName = new Map(wanted.map((repeatable) => [foldName(repeatable.name), repeatable]))
  const ordered = new Set<Repeatable>()
  const seen = new Set<Repeatable>()
  const visit = (repeatable: Repeatable): void => {
    if (seen.has(repeatable)) return
    seen.add(repeatable)
    for (const token of tokenize(repeatable.text)) {
      const used = byName.get(foldName(nameOf(token) ?? ''))
      if (used) visit(used)
    }
    ordered.add(repeatable)
  }
  wanted.forEach(visit)
  return [...ordered]
}

type MayWait = CreateOptions['mayWait']
type Missing = ReadonlyMap<Repeatable, DataLayerError>

/** Creates what can be created, again and again until a round makes nothing new. Answers what is left, and why. */
async function createInTurn(tx: Queryable, wanted: readonly Repeatable[], mayWait: MayWait): Promise<Missing> {
  const names = new Set(wanted.map(({ name }) => foldName(name)))
  const missing = new Map<Repeatable, DataLayerError>()
  for (const repeatable of wanted) {
    const error = await create(tx, repeatable, mayWait(repeatable.component) || uses(repeatable, names))
    if (error) missing.set(repeatable, error)
    else names.delete(foldName(repeatable.name))
  }
  const isDone = missing.size === 0 || missing.size === wanted.length
  return isDone ? missing : createInTurn(tx, [...missing.keys()], mayWait)
}

/** What may wait, and what uses something that is left out. */
function namesLeftOut(missing: readonly Repeatable[], mayWait: MayWait): ReadonlySet<string> {
  const leftOut = new Set<string>()
  const joins = (repeatable: Repeatable) =>
    !leftOut.has(foldName(repeatable.name)) && (mayWait(repeatable.component) || uses(repeatable, leftOut))
  let next = missing.find(joins)
  while (next) {
    leftOut.add(foldName(next.name))
    next = missing.find(joins)
  }
  return leftOut
}

const keptCodes: ReadonlySet<string> = new Set([
  'no-space',
  'storage-unavailable',
  'corrupt',
  'locked',
  'outcome-unknown',
  'closed',
])

/** @returns why it could not be created; nothing of it is there then */
async function create(tx: Queryable, repeatable: Repeatable, mayLack: boolean): Promise<DataLayerError | undefined> {
  await tx.execute({ text: 'SAVEPOINT selfsame_repeatable' })
  try {
    await tx.execute({ text: repeatable.text })
    await mustWork(tx, repeatable, mayLack)
    await tx.execute(record(repeatable))
    await tx.execute({ text: 'RELEASE selfsame_repeatable' })
    return undefined
  } catch (error) {
    // A full disk or an I/O error says more by its own code, and may have ended the transaction, savepoints included.
    if (error instanceof DataLayerError && keptCodes.has(error.code)) throw error
    await tx.execute({ text: 'ROLLBACK TO selfsame_repeatable' })
    await tx.execute({ text: 'RELEASE selfsame_repeatable' })
    if (error instanceof DataLayerError && error.code === 'sqlite') return error
    throw creationError(repeatable, error)
  }
}

function creationError({ component, kind, name }: Repeatable, cause: unknown): DataLayerError {
  const reason = cause instanceof Error ? `: ${redactText(cause.message)}` : '.'
  return new DataLayerError('patch-failed', `The ${kind} ${name} could not be created${reason}`, {
    details: { component, name },
    cause,
    sqlite: cause instanceof DataLayerError ? cause.sqlite : undefined,
  })
}

/** Whether its text names one of these, itself left aside. */
function uses({ name, text }: Repeatable, names: ReadonlySet<string>): boolean {
  const own = foldName(name)
  return tokenize(text).some((token) => {
    const word = foldName(nameOf(token) ?? '')
    return word !== own && names.has(word)
  })
}

function record({ component, name, checksum }: Repeatable): Statement {
  return sql`INSERT OR REPLACE INTO selfsame_repeatables (component, name, checksum, applied_at)
    VALUES (${component}, ${name}, ${checksum}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`
}

/** SQLite takes a view or a trigger that speaks of what is not there; using it is what shows that it works. */
async function mustWork(tx: Queryable, { kind, name }: Repeatable, mayLack: boolean): Promise<void> {
  if (kind === 'view') await tx.query({ text: `SELECT * FROM ${quoteName(name)} LIMIT 0` })
  // Otherwise the check of everything at the end finds it, and knows what was broken before.
  else if (mayLack && !(await canFire(tx, name))) throw new DataLayerError('sqlite', `The trigger ${name} cannot fire.`)
}
