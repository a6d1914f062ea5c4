import { DataLayerError } from '../../../errors/index.ts'
import { joinTokens } from '../../sql-text/normalise.ts'
import { isCode, tokenize } from '../../sql-text/tokenize.ts'
import { checksum } from '../checksum.ts'
import { componentOrder } from '../component-order.ts'
import type { Component } from '../component.ts'
import { repeatableIdentity } from '../define-component.ts'
import type { LedgerEntry, RepeatableEntry } from '../ledger/ledger.ts'

export interface Repeatable {
  readonly component: string
  readonly kind: 'view' | 'trigger'
  readonly name: string
  readonly text: string
  readonly checksum: string
}

/** The repeatables of some components, in the order they are created in: a component's come after those it depends on. */
export function repeatablesOf(components: readonly Component[]): Repeatable[] {
  return componentOrder(components).flatMap((component) =>
    (component.repeatables ?? []).map((text) => ({
      component: component.name,
      ...repeatableIdentity(component.name, text),
      text,
      checksum: repeatableChecksum(text),
    })),
  )
}

/**
 * The components whose history this app knows to its end. Where a newer app has been and lets this one in, the views and
 * triggers are the newer app's, and stay as it made them.
 */
export function knownToTheEnd(components: readonly Component[], ledger: readonly LedgerEntry[]): Component[] {
  return components.filter(({ name, patches }) =>
    ledger.every((entry) => entry.component !== name || patches.some((patch) => patch.name === entry.name)),
  )
}

/** What stands before the checksum of one that was left out because it needs a patch that waits. */
export const waits = 'waits '

/** A repeatable's checksum: the same for its text and for what SQLite keeps of it, which always begins `CREATE VIEW`. */
export function repeatableChecksum(text: string): string {
  const [create = '', kind = '', ...rest] = tokenize(text)
    .filter(isCode)
    .map((token) => token.text)
  while (rest.at(-1) === ';') rest.pop()
  return checksum(joinTokens([create.toUpperCase(), kind.toUpperCase(), ...rest]))
}

/** Whether what the schema has under a recorded name is what was created. `text` is the schema's. */
export function isAsRecorded(entry: Pick<RepeatableEntry, 'checksum'>, text: string): boolean {
  return !entry.checksum.startsWith(waits) && repeatableChecksum(text) === entry.checksum
}

/** A view and a trigger may have one name: of each name the one that is as recorded, if any is. */
export function oneOfEachName<E extends RepeatableEntry>(found: readonly E[]): E[] {
  const byName = Map.groupBy(found, ({ name }) => name)
  return [...byName.values()].flatMap(
    (entries) => entries.find((entry) => entry.text !== null && isAsRecorded(entry, entry.text)) ?? entries.slice(0, 1),
  )
}

/** Somebody's own view or trigger where one of ours was: it is not ours to drop. */
export function replacedRepeatables(
  components: readonly Component[],
  recorded: readonly RepeatableEntry[],
): DataLayerError[] {
  return recorded
    .filter(({ component }) => components.some(({ name }) => name === component))
    .filter((entry) => entry.text !== null && !entry.checksum.startsWith(waits) && !isAsRecorded(entry, entry.text))
    .map(
      ({ component, name }) =>
        new DataLayerError(
          'foreign-schema',
          `${name} is not what ${component} created under that name any more. Give it another name, or drop it.`,
          { details: { component, name } },
        ),
    )
}

/**
 * Whether what was created last is exactly what the components want. One that was left out will do for as long as a patch
 * waits.
 */
export function repeatablesAreCurrent(
  components: readonly Component[],
  recorded: readonly RepeatableEntry[],
  held: readonly string[],
): boolean {
  const named = new Set(components.map(({ name }) => name))
  const present = recorded.filter(({ component }) => named.has(component))
  const known = new Set(
    present.map((entry) =>
      identity(
        held.length > 0 && entry.checksum.startsWith(waits)
          ? { ...entry, checksum: entry.checksum.slice(waits.length) }
          : entry,
      ),
    ),
  )
  const wanted = repeatablesOf(components).map(identity)
  return present.length === wanted.length && wanted.every((entry) => known.has(entry))
}

/** By what one repeatable is the same as another: whose it is, its name and its text. */
export function identity(entry: Pick<RepeatableEntry, 'component' | 'name' | 'checksum'>): string {
  return `${entry.component}\n${entry.name}\n${entry.checksum}`
}
