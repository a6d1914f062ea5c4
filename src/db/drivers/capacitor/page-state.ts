import { MemoryLock } from '../../memory-lock.ts'

/** The driver that has a database open, until another one takes it over. */
export interface Owner {
  readonly driver: object
  lost: boolean
}

/** What the page knows of one database. */
export interface PageDatabase {
  owner: Owner | undefined
  /** In memory is enough: an app on a phone is one process with one page, and a page that is gone holds nothing. */
  readonly launchLock: MemoryLock
}

// By the plugin object, which is the page's own: a page that is loaded anew begins with nothing.
const pages = new WeakMap<object, Map<string, PageDatabase>>()

export function pageDatabase(plugin: object, name: string): PageDatabase {
  const databases = pages.get(plugin) ?? new Map<string, PageDatabase>()
  pages.set(plugin, databases)
  const database = databases.get(name) ?? { owner: undefined, launchLock: new MemoryLock('this app') }
  databases.set(name, database)
  return database
}
