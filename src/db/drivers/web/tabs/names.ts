/** Which messages a tab understands. Another number cannot join: it is told `storage-in-use`. */
export const protocol = 1

/** The names under which the tabs of one origin meet, per database. The locks' names must never change. */
export function tabNames(database: string) {
  const base = `selfsame:web:${database}`
  return {
    /** Held by the one tab that has the database open. */
    ownerLock: `${base}:owner`,
    launchLock: `${base}:launch`,
    /** Held by a tab as long as it lives. */
    tabLock: (tab: string) => `${base}:tab:${tab}`,
    /** Who owns it now, and what changed. */
    newsChannel: `${base}:news`,
    /** Whether a tab's page runs: its worker may be busy for long. */
    pageChannel: (tab: string) => `${base}:page:${tab}`,
    /** Messages to one tab. */
    mailChannel: (tab: string) => `${base}:mail:${tab}`,
  }
}
