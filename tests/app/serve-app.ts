import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { build, preview } from 'vite'
import { projectFolder } from '../../scripts/entry-points.ts'

/** The app on a loopback port that the system chose. */
export interface ServedApp {
  readonly address: string
  close(): Promise<void>
}

const configFile = join(projectFolder, 'vite.config.ts')
/** Builds the app into a folder of its own and serves that. */
export async function serveBuiltApp(): Promise<ServedApp> {
  const outDir = mkdtempSync(join(tmpdir(), 'selfsame-app-'))
  await build({ configFile, logLevel: 'error', build: { outDir } })
  const server = await preview({
    configFile,
    logLevel: 'warn',
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0 },
  })
  return {
    address: addressOf(server.httpServer.address() as AddressInfo),
    close: async () => {
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}

/** Starts `npm start` and takes the address that it prints. */
export async function startFromSources(): Promise<ServedApp> {
  const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  }
  const [, ...parameters] = scripts.start.split(' ')
  const server = spawn(process.execPath, [...parameters, '--port', String(await freePort()), '--strictPort'], {
    cwd: projectFolder,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  const address = await printedAddress(server.stdout)
  return {
    address,
    close: async () => {
      server.kill()
      await ended
    },
  }
}

/** Reads on after the address: a server that may not print any more ends (EPIPE). */
function printedAddress(output: Readable): Promise<string> {
  let printed = ''
  return new Promise((resolve, reject) => {
    output.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0]
      if (address) resolve(address)
    })
    output.once('end', () => reject(new Error(`npm start ended without an address: ${printed}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function addressOf({ port }: AddressInfo): string {
  return `http://127.0.0.1:${port}/`
}
