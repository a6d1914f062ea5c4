import type { Database } from '../db/database.ts'
import { DataLayerError, shortenDid } from '../errors/index.ts'
import type { ActiveDid } from './active-did.ts'
import { readActiveIdentity, switchIdentity, type ActiveIdentity } from './active-identity-statements.ts'
import { checkDid, checkDidOrNone } from './check-did.ts'

/** Which account the app acts as. */
export class IdentityService {
  readonly #db: Database
  readonly #activeDid: ActiveDid

  constructor(db: Database, activeDid: ActiveDid) {
    this.#db = db
    this.#activeDid = activeDid
  }

  /** Who is active: `activeDid` is `null` when nobody is. One driver call. */
  async get(): Promise<ActiveIdentity> {
    const identity = await readActiveIdentity(this.#db)
    this.#activeDid.observe(identity.activeDid)
    return identity
  }

  /**
   * Makes an account the active one.
   *
   * @throws {DataLayerError} `unknown-account`, `invalid-value`
   * @example
   * await dataLayer.identity.activate(account.did)
   */
  async activate(did: string): Promise<void> {
    if (!(await this.switchTo(checkDid(did)))) {
      throw new DataLayerError('unknown-account', `No account has the DID ${shortenDid(did)}.`)
    }
  }

  /** Leaves no account active. */
  async clear(): Promise<void> {
    await this.switchTo(null)
  }

  /**
   * Makes an account the active one, or none for `null` and `''`. One driver call.
   *
   * @returns `false` only when no account has this DID; nothing was changed then
   * @throws {DataLayerError} `invalid-value`, and the code of every fault
   */
  async switchTo(did: string | null): Promise<boolean> {
    const activeDid = checkDidOrNone(did)
    return this.#activeDid.write(
      async () => (await this.#db.execute(switchIdentity(activeDid))).changes > 0,
      (switched) => (switched ? activeDid : undefined),
    )
  }
}
