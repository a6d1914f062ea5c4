import { DataLayerError } from '../../../../errors/index.ts'
import type { DriverSession, ResultSet, RunOptions } from '../../../driver.ts'
import type { CheckedStatement } from '../../../statement.ts'
import { boundedResults, mostAnswerBytes } from './bounded-results.ts'
import type { Client } from './client.ts'
import { setForeignKeysOff, setsConnection } from './connection-state.ts'
import { letGo } from './let-go.ts'
import type { Patience } from '../calls/operations.ts'
import { SessionEffects } from './session-effects.ts'
import type { SessionLine } from './session-line.ts'

interface HostedSession {
  readonly client: Client
  readonly effects: SessionEffects
  readonly end: () => void
  endTurn: (() => void) | undefined
  session: DriverSession | undefined
  /** Whether the connection must be put back as it was opened. */
  changedState: boolean
  wrote: boolean
  released?: Promise<void>
}

/** The sessions of all peers: one at a time has the connection, the others wait. */
export class HostedSessions {
  readonly #sessions = new Map<string, HostedSession>()
  readonly #changed: (client: Client, tables: readonly string[]) => void
  readonly #written: (client: Client) => void
  readonly #line: SessionLine

  /**
   * @param changed told of the tables of each commit
   * @param written called once a session that committed something has let go of the connection
   */
  constructor(
    line: SessionLine,
    changed: (client: Client, tables: readonly string[]) => void,
    written: (client: Client) => void,
  ) {
    this.#line = line
    this.#changed = changed
    this.#written = written
  }

  /** `reserved` resolves when the session has the connection, `ended` when it has let go of it. */
  reserve(client: Client, id: string, { lockTimeoutMs }: Patience): { reserved: Promise<void>; ended: Promise<void> } {
    const key = `${client.peer} ${id}`
    if (this.#sessions.has(key)) throw new DataLayerError('unsupported', 'A session has this id already.')
    let end!: () => void
    const ended = new Promise<void>((resolve) => (end = resolve))
    const hosted: HostedSession = {
      client,
      effects: new SessionEffects(),
      end,
      endTurn: undefined,
      session: undefined,
      changedState: false,
      wrote: false,
    }
    this.#sessions.set(key, hosted)
    return { reserved: this.#begin(key, hosted, lockTimeoutMs), ended }
  }

  async run(
    peer: string,
    id: string,
    statements: readonly CheckedStatement[],
    options: RunOptions,
  ): Promise<ResultSet[]> {
    const hosted = this.#sessions.get(`${peer} ${id}`)
    if (!hosted?.session || hosted.released) throw new DataLayerError('closed')
    hosted.changedState ||= setsConnection(statements)
    const results = await hosted.session.run(statements, { ...options, mostAnswerBytes })
    this.#tell(hosted, hosted.effects.after(statements, results))
    boundedResults(results)
    return results
  }

  /** Who has one finds it closed; nobody waits for it any more. */
  engineEnded(): void {
    for (const { session, endTurn } of this.#sessions.values()) if (session) endTurn?.()
  }

  async release(peer: string, id: string): Promise<void> {
    const key = `${peer} ${id}`
    const hosted = this.#sessions.get(key)
    if (hosted) await this.#release(key, hosted)
  }

  /** Rolls back what a peer has open; one that still waits lets go as soon as it has its turn. */
  async endPeer(peer: string): Promise<void> {
    const own = [...this.#sessions].filter(([, { client }]) => client.peer === peer)
    await Promise.all(own.map(([key, hosted]) => this.#release(key, hosted)))
  }

  async #begin(key: string, hosted: HostedSession, waitMs: number | undefined): Promise<void> {
    const { client } = hosted
    try {
      hosted.endTurn = await this.#line.hold({ peer: client.peer, waitMs })
      const session = await client.connection.reserve()
      hosted.session = session
      if (hosted.released) {
        await session.release()
        throw new DataLayerError('closed')
      }
      if (client.foreignKeys) return
      hosted.changedState = true
      await setForeignKeysOff(session)
    } catch (error) {
      this.#ended(key, hosted)
      throw error
    }
  }

  #ended(key: string, hosted: HostedSession): void {
    this.#sessions.delete(key)
    hosted.endTurn?.()
    hosted.end()
  }

  #release(key: string, hosted: HostedSession): Promise<void> {
    hosted.released ??= (async () => {
      const { session, client } = hosted
      // Still waiting: #begin lets go of it.
      if (!session) return
      try {
        await letGo(client, session, hosted.changedState)
        this.#tell(hosted, hosted.effects.rest())
        if (hosted.wrote) this.#written(client)
      } finally {
        this.#ended(key, hosted)
      }
    })()
    return hosted.released
  }

  #tell(hosted: HostedSession, tables: readonly string[]): void {
    if (tables.length === 0) return
    hosted.wrote = true
    this.#changed(hosted.client, tables)
  }
}
