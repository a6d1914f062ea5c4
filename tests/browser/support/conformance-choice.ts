/** All of the conformance suite. */
export const wholeSuite = ''

/** What of it depends on where pages are kept: the rest is the engine's, the same in every storage. */
export const storageTests = '^(transactions|sessions|opening|closing|export|copies|launch lock)\\b'
