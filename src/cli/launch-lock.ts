/** How long a command waits for another process that is migrating the same file, in milliseconds. */
export const launchLockTimeoutMs = 60_000
