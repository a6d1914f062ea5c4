import { DataLayerError, redactText } from '../../../errors/index.ts'
import { checksum, patchSource, sourceDiff } from '../checksum.ts'
import type { Component } from '../component.ts'
import { patchSequence } from '../define-component.ts'
import type { BegunPatch, LedgerEntry } from './ledger.ts'
import { patchOrder, type OwnedPatch } from '../patch-order.ts'

/** What a database's history and the app's patches make of each other. */
export interface Assessment {
  /** Patches to apply, in order. */
  readonly pending: readonly OwnedPatch[]
  /** Patches that wait, because the app holds them or something they need. */
  readonly held: readonly string[]
  /** Why the launch must be refused; empty when it may go on. */
  readonly problems: readonly DataLayerError[]
}

/** Which patches the app wants to wait with. */
export interface Wishes {
  readonly hold?: readonly string[]
  readonly to?: string
}

/**
 * Holds the ledger against the app's components. Pure: reads nothing, changes nothing. Rows of components that the app
 * does not name are left alone.
 */
export function assessHistory(
  components: readonly Component[],
  ledger: readonly LedgerEntry[],
  wishes: Wishes = {},
  begun: readonly BegunPatch[] = [],
): Assessment {
  const order = patchOrder(components)
  const applied = new Map(ledger.map((entry) => [entry.name, entry]))
  const problems = [
    ...wishProblems(order, wishes),
    ...components.flatMap((component) => tooNew(component, ledger)),
    ...components.flatMap((component) => begunElsewhere(component, begun)),
    ...order.flatMap(({ patch }) => drift(patch, applied.get(patch.name))),
    ...components.flatMap((component) => gap(component, applied)),
  ]
  const { pending, held } = choosePending(order, applied, wishes, new Set(begun.map(({ name }) => name)))
  return {
    pending,
    held,
    problems: [...problems, ...missing(pending, applied), ...conflicts(order, pending, [...ledger, ...begun])],
  }
}

function choosePending(
  order: readonly OwnedPatch[],
  applied: ReadonlyMap<string, LedgerEntry>,
  wishes: Wishes,
  begun: ReadonlySet<string>,
) {
  const hold = new Set(wishes.hold)
  const limit = order.find(({ patch }) => patch.name === wishes.to)
  const held = new Set<string>()
  const pending: OwnedPatch[] = []
  const stopped = new Set<string>()
  for (const owned of order) {
    const { component, patch } = owned
    if (applied.has(patch.name)) continue
    const pastLimit =
      limit !== undefined && limit.component === component && patchSequence(patch) > patchSequence(limit.patch)
    // Half of a patch is worse than either end: once begun it is not held.
    const isUnwanted = (pastLimit || hold.has(patch.name)) && !begun.has(patch.name)
    const waits = isUnwanted || stopped.has(component.name) || patch.requires?.some((name) => held.has(name))
    if (waits) {
      held.add(patch.name)
      stopped.add(component.name)
    } else {
      pending.push(owned)
    }
  }
  return { pending, held: [...held] }
}

function wishProblems(order: readonly OwnedPatch[], { hold = [], to }: Wishes): DataLayerError[] {
  const names = new Set(order.map(({ patch }) => patch.name))
  return [...hold, ...(to === undefined ? [] : [to])]
    .filter((name) => !names.has(name))
    .map((name) => new DataLayerError('unsupported', `There is no patch called ${name} to hold or to stop at.`))
}

function tooNew(component: Component, ledger: readonly LedgerEntry[]): DataLayerError[] {
  const known = new Set(component.patches.map(({ name }) => name))
  const unknown = ledger.filter((entry) => entry.component === component.name && !known.has(entry.name))
  // A newer patch may say which older app can still read and write the database it makes.
  const unreadable = unknown.filter(({ minReader }) => minReader === null || !known.has(minReader))
  if (unreadable.length === 0) return []
  const names = unreadable.map(({ name }) => name)
  return [
    new DataLayerError(
      'schema-too-new',
      `A newer version of the app has been here: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} applied and not known to this one. Update the app.`,
      { details: { patches: names, newest: component.patches.at(-1)?.name } },
    ),
  ]
}

/** A patch in pieces that an app has begun is part of the history too: with half of it done, only that very patch fits. */
function begunElsewhere(component: Component, begun: readonly BegunPatch[]): DataLayerError[] {
  return begun
    .filter(({ name }) => name.slice(0, name.lastIndexOf('-')) === component.name)
    .flatMap(({ name, checksum: begunAs }) => {
      const patch = component.patches.find((candidate) => candidate.name === name)
      const details = { patches: [name] }
      if (!patch) {
        const message = `A newer version of the app has begun ${name}, which is not known to this one. Update the app.`
        return [new DataLayerError('schema-too-new', message, { details })]
      }
      if (checksum(patchSource(patch)) === begunAs) return []
      return [
        new DataLayerError('schema-drift', `${name} is half done, and was changed since it was begun.`, { details }),
      ]
    })
}

function drift(patch: OwnedPatch['patch'], entry: LedgerEntry | undefined): DataLayerError[] {
  if (!entry) return []
  const source = patchSource(patch)
  if (checksum(source) === entry.checksum) return []
  return [
    new DataLayerError(
      'schema-drift',
      `${patch.name} was changed after it was applied. Put it back and add a new patch.`,
      {
        details: {
          patch: patch.name,
          appliedAt: entry.appliedAt,
          diff: sourceDiff(entry.source, source).map(redactText),
        },
      },
    ),
  ]
}

function gap(component: Component, applied: ReadonlyMap<string, LedgerEntry>): DataLayerError[] {
  const last = component.patches.findLastIndex(({ name }) => applied.has(name))
  const skipped = component.patches.slice(0, Math.max(last, 0)).filter(({ name }) => !applied.has(name))
  if (skipped.length === 0) return []
  const names = skipped.map(({ name }) => name)
  return [
    new DataLayerError(
      'schema-drift',
      `${component.patches[last]?.name} is applied and ${names.join(', ')} before it ${names.length === 1 ? 'is' : 'are'} not.`,
      { details: { patches: names } },
    ),
  ]
}

function missing(pending: readonly OwnedPatch[], applied: ReadonlyMap<string, LedgerEntry>): DataLayerError[] {
  const available = new Set([...applied.keys(), ...pending.map(({ patch }) => patch.name)])
  const lacking = pending
    .map(({ patch }) => ({ patch: patch.name, missing: (patch.requires ?? []).filter((name) => !available.has(name)) }))
    .filter((entry) => entry.missing.length > 0)
  if (lacking.length === 0) return []
  const all = [...new Set(lacking.flatMap((entry) => entry.missing))]
  return [
    new DataLayerError('missing-requirement', `Required and not there: ${all.join(', ')}.`, {
      details: { missing: all, requiredBy: lacking },
    }),
  ]
}

function conflicts(
  order: readonly OwnedPatch[],
  pending: readonly OwnedPatch[],
  ledger: readonly Pick<LedgerEntry, 'name' | 'conflicts'>[],
): DataLayerError[] {
  // What was recorded counts as well as what the app says now: neither can take the other's exclusion back.
  const excludes = new Map(ledger.map((entry) => [entry.name, new Set(entry.conflicts)]))
  for (const { patch } of order) {
    excludes.set(patch.name, new Set([...(excludes.get(patch.name) ?? []), ...(patch.conflicts ?? [])]))
  }
  const present = new Set([...ledger.map(({ name }) => name), ...pending.map(({ patch }) => patch.name)])
  const known = order.filter(({ patch }) => present.has(patch.name))
  const pairs = new Set<string>()
  for (const { patch } of known) {
    for (const other of present) {
      if (other === patch.name) continue
      // Both ways: the one that was there first may be the one that knows of the quarrel.
      if (excludes.get(patch.name)?.has(other) || excludes.get(other)?.has(patch.name)) {
        pairs.add([patch.name, other].toSorted().join(' and '))
      }
    }
  }
  if (pairs.size === 0) return []
  return [
    new DataLayerError('conflicting-patch', `These exclude each other: ${[...pairs].join('; ')}.`, {
      details: { pairs: [...pairs] },
    }),
  ]
}
