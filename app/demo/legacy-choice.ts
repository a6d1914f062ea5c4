import type { LegacyState } from 'selfsame/testing'

/** What the user wants in the legacy database. */
export interface LegacyChoice {
  accounts: number
  state: LegacyState
}

export const largestChoice = 5000

export const legacyStates: readonly { state: LegacyState; label: string; effect: string }[] = [
  { state: 'valid', label: 'An account that exists', effect: 'It is moved, and stays active.' },
  { state: 'none', label: 'None', effect: 'It stays none.' },
  { state: 'orphan', label: 'An account that was removed', effect: 'It becomes none, and the repair log keeps it.' },
  {
    state: 'duplicate',
    label: 'An account that shares its DID with another',
    effect: 'The launch is refused, and nothing is changed.',
  },
]
