import { MemoryLock } from '../../memory-lock.ts'

/** The driver that has a database open. */
export interface Owner {
  readonly driver: object
  /** Lets what is under way finish, closes, and makes every later call of this owner fail with `closed`. */
  handOver(): Promise<void>
}

/** What the page knows of one database. */
export interface PageDatabase {
  owner: Owner | undefined
  /** Settles when nobody opens the database. */
  opening: Promise<unknown>
  /** In memory is enough: an app on a phone is one process with one page, and a page that is gone holds nothing. */
  readonly launchLock: MemoryLock
}

// By the plugin object, which is the page's own: a page that is loaded anew begins with nothing.
const pages = new WeakMap<object, Map<string, PageDatabase>>()

export function pageDatabase(plugin: object, name: string): PageDatabase {
  const databases = pages.get(plugin) ?? new Map<string, PageDatabase>()
  pages.set(plugin, databases)
  const database = databases.get(name) ?? {
    owner: undefined,
    opening: Promise.resolve(),
    launchLock: new MemoryLock('this app'),
  }
  databases.set(name, database)
  return database
}

// No database has this name.
const encryptedDatabases = '*'

/** What all encrypted databases of the page share: the plugin has one key for them, and closes every connection to look at it. */
export function pageKey(plugin: object): Pick<PageDatabase, 'opening'> {
  return pageDatabase(plugin, encryptedDatabases)
}

/** Runs one opening of a database after the other: the plugin takes two at once for one that was left open. */
export function openInTurn<T>(page: Pick<PageDatabase, 'opening'>, open: () => Promise<T>): Promise<T> {
  const turn = page.opening.then(open)
  page.opening = turn.catch(() => undefined)
  return turn
}
