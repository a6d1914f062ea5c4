import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { projectFolder } from '../../scripts/entry-points.ts'
import { javaLibraries } from '../../scripts/java.ts'
import { ensureSqlcipher } from '../../scripts/sqlcipher.ts'
import { compiledClasses } from './compile.ts'

const libraryAssets = join(projectFolder, 'node_modules/@capacitor/android/capacitor/src/main/assets')
const sqlitePlugin = 'com.getcapacitor.community.database.sqlite.CapacitorSQLitePlugin'
/** Quick to start rather than quick in the long run: it lives for seconds. */
const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-Xmx256m']

export interface AppFolders {
  /** As /data/data/<package> is on a device. */
  readonly data: string
  /** As android/app/src/main/assets is: `capacitor.config.json` and, for a whole app, `public`. */
  readonly assets: string
}

export interface AppProcess {
  /** The script that Capacitor puts before a page's own: bridge, plugins and their headers. */
  readonly script: string
  readonly pid: number
  post(message: string): void
  reload(): void
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Starts the JVM with the app in it. `onMessage` hears what the page is to be answered, as JSON text. */
export async function startAppProcess(
  { data, assets }: AppFolders,
  onMessage: (message: string) => void,
): Promise<AppProcess> {
  const classPath = [compiledClasses(), ...javaLibraries].join(':')
  const parameters = [...options, '-cp', classPath, 'host.Main', data, assets, libraryAssets, sqlitePlugin]
  // The library path makes SQLCipher both the SQLite of sqlite-jdbc and what System.loadLibrary("sqlcipher") finds.
  // Where no locale is set, Java takes texts and file names for US-ASCII; a phone's are UTF-8.
  const env = { ...process.env, LC_ALL: 'C.UTF-8', LD_LIBRARY_PATH: ensureSqlcipher() }
  const child = spawn('java', parameters, { env })
  const ended = once(child, 'close')
  const end = async (work: () => void) => {
    child.off('close', crashed)
    work()
    await ended
  }
  // Its calls would never be answered: the error ends the test instead.
  const crashed = (code: number | null, signal: string | null) => {
    throw new Error(`The app ended with ${code ?? signal}: ${complaints}`)
  }
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-10_000)))
  child.on('close', crashed)
  // A process that was killed takes no more messages, as a page whose native side is gone finds none.
  child.stdin.on('error', () => undefined)
  const script = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    onLine(child.stdout, (line) => {
      const said = JSON.parse(line) as { script?: string; message?: string }
      if (said.script !== undefined) resolve(said.script)
      else if (said.message !== undefined) onMessage(said.message)
    })
  })
  const tell = (what: object) => {
    if (child.stdin.writable) child.stdin.write(`${JSON.stringify(what)}\n`)
  }
  return {
    script,
    pid: child.pid as number,
    post: (message) => tell({ message }),
    reload: () => tell({ reload: true }),
    kill: () => end(() => child.kill('SIGKILL')),
    stop: () => end(() => child.stdin.end()),
  }
}

// Not node:readline: it takes U+2028 inside a JSON text for the end of a line.
function onLine(stream: Readable, listener: (line: string) => void): void {
  let begun = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = text.split('\n')
    lines[0] = begun + lines[0]
    begun = lines.pop() ?? ''
    for (const line of lines) listener(line)
  })
}
