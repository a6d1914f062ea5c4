import { DataLayerError } from '../errors/index.ts'
import type { LockHolder } from './driver.ts'

/** The error of who waited in vain for a launch lock, with who holds it. */
export function launchLockHeld(holder: LockHolder | null, waitedMs: number): DataLayerError {
  const who = holder
    ? `${holder.holder} has been migrating this database since ${holder.since}`
    : 'It is being migrated'
  return lockedError(`${who}, and has not finished in the ${Math.round(waitedMs)} ms waited.`, holder, waitedMs)
}

/** The same for a session that somebody else has on a connection that is shared. */
export function sessionHeld(who: LockHolder, waitedMs: number): DataLayerError {
  const message = `A transaction of ${who.holder} has had the database since ${who.since}, and has not ended in the ${Math.round(waitedMs)} ms waited. End it, close its window, or wait longer (lockTimeoutMs).`
  return lockedError(message, who, waitedMs)
}

/** The same of SQLite's own lock, of which nobody knows who holds it. */
export function databaseHeld(error: DataLayerError, waitedMs: number): DataLayerError {
  const message = `Another connection has kept this database locked for the ${Math.round(waitedMs)} ms waited. SQLite does not say whose it is: end it, or wait longer (lockTimeoutMs).`
  return lockedError(message, null, waitedMs, error)
}

function lockedError(message: string, who: LockHolder | null, waitedMs: number, cause?: DataLayerError) {
  const { holder = null, since = null } = who ?? {}
  const details = { ...cause?.details, holder, since, waitedMs: Math.round(waitedMs) }
  return new DataLayerError('locked', message, { details, sqlite: cause?.sqlite })
}
