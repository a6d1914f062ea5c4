import type { DriverSession } from '../../../driver.ts'
import type { Client } from './client.ts'
import { restoreState } from './connection-state.ts'
import { ignoreDeath } from './ignore-death.ts'

/** Ends a session, and puts the connection back as it was opened where the client has changed it. */
export async function letGo(client: Client, session: DriverSession, changedState = true): Promise<void> {
  try {
    try {
      if (changedState) client.foreignKeys = (await restoreState(session)).foreignKeys
    } finally {
      await session.release()
    }
  } catch (error) {
    ignoreDeath(error)
  }
}
