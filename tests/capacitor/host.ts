/** The plugin as app code imports it: `CapacitorSQLite` of `@capacitor-community/sqlite`, under the real native bridge. */
export type PluginObject = Record<string, (options?: object) => Promise<unknown>>

/** What a WebView shows: JavaScript's side of the app, gone with a reload. */
export interface Page {
  /** `window` as the bridge made it: `Capacitor` with `getPlatform()`, `document` for the events pause and resume. */
  readonly window: { readonly Capacitor: { getPlatform(): string }; readonly document: EventTarget }
  /** The whole module: `CapacitorSQLite`, and `SQLiteConnection` with the plugin's own wrapper. */
  readonly plugin: { readonly CapacitorSQLite: PluginObject; readonly SQLiteConnection: unknown }
  /** The plugin's methods in the order they crossed the bridge, for example `query`. A test may empty it. */
  readonly calls: string[]
}

/** One installed app that runs: its native side, in a process of its own, and the page it shows. */
export interface NativeApp {
  readonly page: Page
  /**
   * Loads the page anew, as a WebView does: the native side goes on with what it was given, its answers to the old page are
   * lost, and promises of the old page never settle.
   */
  reload(): Promise<Page>
  /** Ends the native side with SIGKILL. Promises of the page never settle. */
  kill(): Promise<void>
  /** Ends the native side in order. */
  stop(): Promise<void>
}

/**
 * A platform that `@capacitor-community/sqlite` runs on, for tests. `capacitorDriver` sends statements by `query` on both
 * platforms, and sets by `executeSet`, whose text begins with an empty statement (`;`): what a stand-in for Android's SQLiteDatabase
 * must have right for that is how `rawQuery` compiles (DatabaseUtils.getSqlStatementType sees the first three letters; only
 * BEG, COM, END and ROL are taken from SQLite and given to the session), that stepping its cursor runs a statement of any
 * kind once, RETURNING included, and that a compiled statement which gives a row fails in executeUpdateDelete.
 */
export interface NativeHost {
  readonly platform: 'android' | 'ios'
  /** @param folder where the app's data is; the same folder again is the same installed app started anew */
  start(folder: string): Promise<NativeApp>
}
