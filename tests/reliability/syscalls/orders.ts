import type { OperationName } from './operations.ts'

/** What was taken away from the engine, for the negative controls. */
export type Broken = 'none' | 'no-transaction' | 'ledger-after-commit' | 'restore-in-place'

export interface Order {
  readonly operation: OperationName
  readonly folder: string
  readonly broken: Broken
}

export type Answer =
  | { readonly ok: true }
  /** `typed` is false for whatever is no `DataLayerError`. */
  | { readonly ok: false; readonly typed: boolean; readonly code: string; readonly message: string }
