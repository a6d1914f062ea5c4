/** The databases that main serves to the desktop app's windows, by the names that both sides know. */
export const desktopDatabase = 'selfsame-demo'
export const scratchDatabases = [1, 2, 3, 4].map((number) => `selfsame-diagnostics-${number}`)
