import { DataLayerError } from '../../../../errors/index.ts'
import type {
  Driver,
  DriverConnection,
  DriverCopies,
  RestoredCopy,
  RestoreOptions,
  ResultSet,
  RunOptions,
} from '../../../driver.ts'
import type { CheckedStatement } from '../../../statement.ts'
import { transactionControl } from '../../../transaction-control.ts'
import type { Call, CopyPlace, HostEvent, OpenedConnection, Patience } from '../calls/operations.ts'
import { boundedResults, mostAnswerBytes } from './bounded-results.ts'
import type { Client } from './client.ts'
import { HostedLocks } from './hosted-locks.ts'
import { HostedSessions } from './hosted-sessions.ts'
import { RunningCalls } from './running-calls.ts'
import { setForeignKeysOff, setsConnection } from './connection-state.ts'
import { letGo } from './let-go.ts'
import { SessionLine } from './session-line.ts'
import { SharedConnection } from './shared-connection.ts'
import { isStoppable } from './stoppable-driver.ts'
import { UnopenedCopies } from './unopened-copies.ts'

type Statements = readonly CheckedStatement[]

/** How long a statement of a window that is gone may still run, in milliseconds. */
const patience = 5000
/** The same for one that is under way when the app quits. */
const patienceAtClose = 30_000
/** How often it is looked whether a statement of a window that is gone has its turn, in milliseconds. */
const lookEvery = 100
const mostConnections = 100

export interface HostOptions {
  readonly driver: Driver
  readonly tell: (peer: string, event: HostEvent) => void
  /** Called with the connection when somebody opens it, before it is used. */
  readonly opened?: (connection: DriverConnection) => Promise<void>
  /** Called with a connection that has just committed a write. */
  readonly written?: (connection: DriverConnection) => Promise<void>
  /** Called when a restore may have put another file in the place. */
  readonly replaced?: () => void
  /** How many launch locks one peer may hold or wait for; any number unless said. */
  readonly mostLocks?: number
}

/** A database that several peers use over one connection. What a peer has open ends with the peer. */
export class HostedDatabase {
  readonly #tell: HostOptions['tell']
  readonly #opened: NonNullable<HostOptions['opened']>
  readonly #written: NonNullable<HostOptions['written']>
  readonly #replaced: () => void
  readonly #shared: SharedConnection
  readonly #clients = new Map<string, Client>()
  readonly #line = new SessionLine()
  readonly #sessions: HostedSessions
  readonly #locks: HostedLocks
  readonly #gone = new Set<string>()
  readonly #running = new RunningCalls()
  readonly #opening = new Set<Promise<unknown>>()
  readonly #unopened: UnopenedCopies
  #closed = false
  readonly #driver: Driver

  constructor({
    driver,
    tell,
    opened = () => Promise.resolve(),
    written = () => Promise.resolve(),
    replaced = () => undefined,
    mostLocks = Infinity,
  }: HostOptions) {
    this.#driver = driver
    this.#tell = tell
    this.#opened = opened
    this.#written = written
    this.#replaced = replaced
    this.#shared = new SharedConnection(driver, (connection) =>
      connection.onChange?.(({ tables }) => this.#changed(tables, undefined)),
    )
    this.#sessions = new HostedSessions(
      this.#line,
      (client, tables) => this.#changed(tables, client),
      (client) => this.#afterWrite(client),
    )
    this.#locks = new HostedLocks(driver, tell, mostLocks)
    this.#unopened = new UnopenedCopies(driver, {
      open: (peer, id) => this.#beginOpening(peer, id, {}),
      close: (peer, id) => this.#close(peer, id),
    })
    if (isStoppable(driver)) driver.onEnd(() => this.#sessions.engineEnded())
  }

  /** @param peer who calls; ids are the peer's own, and name nothing of another's */
  async call(peer: string, { name, values }: Call): Promise<unknown> {
    if (this.#closed || this.#gone.has(peer)) throw new DataLayerError('closed')
    switch (name) {
      case 'open':
        return this.#beginOpening(peer, ...values)
      case 'close':
        return this.#close(peer, ...values)
      case 'run':
        return this.#run(this.#client(peer, values[0]), values[1], values[2])
      case 'reserve':
        return this.#reserve(this.#client(peer, values[0]), values[1], values[2])
      case 'runInSession':
        return this.#running.during(peer, 'session', () => this.#sessions.run(peer, ...values))
      case 'release':
        return this.#sessions.release(peer, ...values)
      case 'export':
        return this.#inLine(this.#client(peer, values[0]), {}, ({ connection }) => connection.export())
      case 'writeCopy':
        return this.#copy(peer, values[0], (copies) => copies.write(values[1]))
      case 'listCopies':
        return this.#copy(peer, values[0], (copies) => copies.list(values[1]))
      case 'removeCopy':
        return this.#copy(peer, values[0], (copies) => copies.remove(values[1]))
      case 'restoreCopy':
        return this.#restore(peer, ...values)
      case 'lock':
        return this.#locks.acquire(peer, ...values)
      case 'unlock':
        return this.#locks.release(peer, ...values)
    }
  }

  /** Copies kept for this database in one place, whoever asks. */
  listCopies(peer: string, connection: string | null, where: CopyPlace) {
    return this.#copy(peer, connection, (copies) => copies.list(where))
  }

  /** Ends what a peer that is gone has left open: its transactions are rolled back, its locks let go. */
  async endPeer(peer: string, within = patience): Promise<void> {
    this.#gone.add(peer)
    const sessions = this.#sessions.endPeer(peer)
    const clients = this.#clientsOf(peer)
    const ended = clients.map((client) => this.#end(client))
    await mustAll([sessions, this.#locks.endPeer(peer), this.#stopStuck(peer, clients, within), ...ended])
  }

  /** Ends all peers, those that are opening included, and closes the database; then throws what went wrong. */
  async close(): Promise<void> {
    this.#closed = true
    const peers = [...this.#clients.values(), ...this.#locks.owners()].map(({ peer }) => peer)
    const ended = [...new Set(peers)].map((peer) => this.endPeer(peer, patienceAtClose))
    await this.#stopLate([...ended, ...this.#opening, this.#unopened.done()])
    await mustAll(ended)
  }

  /** The app does not wait for ever for what waits itself, for a password for one. */
  async #stopLate(work: readonly Promise<unknown>[]): Promise<void> {
    const settled = Promise.allSettled(work).then(() => true)
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), patienceAtClose)
    })
    if (!(await Promise.race([settled, late])) && isStoppable(this.#driver)) this.#driver.stop()
    clearTimeout(timer)
  }

  /** Nobody waits for the answer of what still runs; a statement without end would keep everybody else waiting too. */
  async #stopStuck(peer: string, clients: readonly Client[], within: number): Promise<void> {
    if (!isStoppable(this.#driver)) return
    while (clients.some(({ underWay }) => underWay.size > 0)) {
      // Not while it only waits: what it waits for is somebody else's.
      if (this.#running.areOf(peer)) await this.#driver.stopIfStuck(within)
      const finished = Promise.allSettled(clients.flatMap(({ underWay }) => [...underWay]))
      await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, lookEvery))])
    }
  }

  async #beginOpening(peer: string, id: string, options: Patience): Promise<OpenedConnection> {
    const opening = this.#open(peer, id, options)
    this.#opening.add(opening)
    try {
      return await opening
    } finally {
      this.#opening.delete(opening)
    }
  }

  async #open(peer: string, id: string, options: Patience): Promise<OpenedConnection> {
    const key = `${peer} ${id}`
    if (this.#clients.has(key)) throw new DataLayerError('unsupported', 'A connection has this id already.')
    if (this.#clientsOf(peer).length >= mostConnections)
      throw new DataLayerError('unsupported', `A window has at most ${mostConnections} connections; close some.`)
    const connection = await this.#shared.acquire(options)
    try {
      await this.#opened(connection)
    } catch (error) {
      await this.#shared.release()
      throw error
    }
    if (this.#closed || this.#gone.has(peer) || this.#clients.has(key)) {
      await this.#shared.release()
      throw new DataLayerError('closed')
    }
    this.#clients.set(key, { peer, id, connection, foreignKeys: true, underWay: new Set() })
    return { copies: connection.copies !== undefined, storage: connection.storage ?? null }
  }

  #clientsOf(peer: string): Client[] {
    return [...this.#clients.values()].filter((client) => client.peer === peer)
  }

  #client(peer: string, id: string): Client {
    const client = this.#clients.get(`${peer} ${id}`)
    if (!client || client.closing) throw new DataLayerError('closed')
    return client
  }

  async #close(peer: string, id: string): Promise<void> {
    const client = this.#clients.get(`${peer} ${id}`)
    if (client) await this.#end(client)
  }

  /** Lets the client's calls and sessions finish first. */
  #end(client: Client): Promise<void> {
    client.closing ??= (async () => {
      while (client.underWay.size > 0) await Promise.allSettled(client.underWay)
      this.#clients.delete(`${client.peer} ${client.id}`)
      await this.#shared.release()
    })()
    return client.closing
  }

  async #during<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
    const call = work(client)
    client.underWay.add(call)
    try {
      return await call
    } finally {
      client.underWay.delete(call)
    }
  }

  /** {@link #during}, for what the engine does when it is its turn. */
  #inLine<T>(client: Client, { lockTimeoutMs }: Patience, work: (client: Client) => Promise<T>): Promise<T> {
    return this.#during(client, async () => {
      await this.#line.pass({ peer: client.peer, waitMs: lockTimeoutMs })
      return this.#running.during(client.peer, 'line', () => work(client))
    })
  }

  async #run(client: Client, statements: Statements, options: RunOptions): Promise<ResultSet[]> {
    refuseTransactionControl(statements)
    const bounded = { ...options, mostAnswerBytes }
    return this.#inLine(client, options, async () => {
      const alone = !client.foreignKeys || setsConnection(statements)
      const results = await (alone
        ? this.#runAlone(client, statements, bounded)
        : client.connection.run(statements, bounded))
      this.#committed(
        client,
        results.flatMap(({ tables }) => tables),
      )
      boundedResults(results)
      return results
    })
  }

  /** Runs statements that need the connection in another state, and puts it back before anybody else's run. */
  async #runAlone(client: Client, statements: Statements, options: RunOptions): Promise<ResultSet[]> {
    const endTurn = await this.#line.hold({ peer: client.peer, waitMs: options.lockTimeoutMs })
    try {
      return await runAlone(client, statements, options)
    } finally {
      endTurn()
    }
  }

  async #reserve(client: Client, id: string, options: Patience): Promise<void> {
    // Not a call under way until it has its turn: a close waits for the session itself.
    const { ended, reserved } = this.#sessions.reserve(client, id, options)
    void this.#during(client, () => ended)
    await reserved
  }

  async #copy<T>(peer: string, id: string | null, work: (copies: DriverCopies) => Promise<T>): Promise<T> {
    if (id === null) return this.#unopened.use(peer, (own) => this.#copy(peer, own, work), work)
    return this.#during(this.#client(peer, id), async ({ connection: { copies } }) => {
      if (!copies) throw new DataLayerError('unsupported', 'This storage keeps no copies.')
      return this.#running.during(peer, 'aside', () => work(copies))
    })
  }

  async #restore(peer: string, id: string | null, location: string, options: RestoreOptions): Promise<RestoredCopy> {
    if (id === null)
      return this.#unopened.use(
        peer,
        (own) => this.#restore(peer, own, location, options),
        (copies) => copies.restore(location, options).finally(() => this.#replaced()),
      )
    const client = this.#client(peer, id)
    return this.#copy(peer, id, async (copies) => {
      await this.#line.pass({ peer: client.peer, waitMs: options.lockTimeoutMs })
      const before = await tableNames(client.connection)
      const restored = await copies.restore(location, options)
      this.#replaced()
      this.#committed(client, [...before, ...(await tableNames(client.connection)), 'sqlite_schema'])
      return restored
    })
  }

  #committed(client: Client, tables: readonly string[]): void {
    if (tables.length === 0) return
    this.#changed([...new Set(tables)], client)
    this.#afterWrite(client)
  }

  /** The writer does not wait for it: what follows a commit may wait for another window's session. */
  #afterWrite(client: Client): void {
    void this.#during(client, () => this.#written(client.connection))
  }

  #changed(tables: readonly string[], writer: Client | undefined): void {
    for (const client of this.#clients.values()) {
      if (client !== writer) this.#tell(client.peer, { kind: 'changed', connection: client.id, tables })
    }
  }
}

async function runAlone(client: Client, statements: Statements, options: RunOptions): Promise<ResultSet[]> {
  const session = await client.connection.reserve()
  let results: ResultSet[]
  try {
    if (!client.foreignKeys) await setForeignKeysOff(session)
    results = await session.run(statements, options)
  } catch (error) {
    // What has become of the statements is what the caller is told: on an engine that has died the rest fails too.
    await letGo(client, session).catch(() => undefined)
    throw error
  }
  await letGo(client, session)
  return results
}

/** Waits for all of them, then throws what the first that failed was rejected with. */
async function mustAll(all: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(all)
  await Promise.all(all)
}

async function tableNames(connection: DriverConnection): Promise<string[]> {
  const text = `SELECT name FROM sqlite_schema WHERE type = 'table'`
  const [result] = await connection.run([{ text, params: [] }])
  return (result?.rows ?? []).map(([name]) => String(name))
}

function refuseTransactionControl(statements: Statements): void {
  const index = statements.findIndex(({ text }) => transactionControl(text))
  if (index < 0) return
  throw new DataLayerError('unsupported', 'A transaction is opened and ended in a session, not by a statement alone.', {
    details: { statement: index },
  })
}
