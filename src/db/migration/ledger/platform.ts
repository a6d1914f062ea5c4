/** What is looked at of the place that the app runs in; nothing of it has to be there. */
interface Place {
  readonly Capacitor?: { getPlatform?(): string }
  readonly process?: { readonly platform?: string; readonly versions?: { readonly electron?: string } }
  readonly navigator?: { readonly userAgent?: string }
}

/** Where the app runs, for the ledger: `ios`, `android`, `electron`, `web`, or what Node calls the system. */
export function currentPlatform({ Capacitor, process, navigator }: Place = globalThis as Place): string {
  const native = Capacitor?.getPlatform?.()
  if (native !== undefined && native !== 'web') return native
  // A window of Electron is told by its user agent; its main process by Node's.
  if (process?.versions?.electron !== undefined || / Electron\//.test(navigator?.userAgent ?? '')) return 'electron'
  return process?.platform ?? 'web'
}
