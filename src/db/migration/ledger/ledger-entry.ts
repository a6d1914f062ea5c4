import { checksum, patchSource } from '../checksum.ts'
import { patchSequence } from '../define-component.ts'
import type { LedgerEntry } from './ledger.ts'
import type { OwnedPatch } from '../patch-order.ts'

/** What the ledger says of a patch that a database turns out to have: everything but who applied it and when. */
export function ledgerEntryOf({ component, patch }: OwnedPatch): LedgerEntry {
  const source = patchSource(patch)
  return {
    component: component.name,
    sequence: patchSequence(patch),
    name: patch.name,
    checksum: checksum(source),
    source,
    requires: patch.requires ?? [],
    conflicts: patch.conflicts ?? [],
    minReader: patch.minReader ?? null,
    appliedAt: '',
    appliedBy: '{}',
    durationMs: 0,
    outcome: 'adopted',
    objects: [],
  }
}
