import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, createServer, preview } from 'vite'
import { projectFolder } from '../../scripts/entry-points.ts'

/** The app on a loopback port that the system chose. */
export interface ServedApp {
  readonly address: string
  close(): Promise<void>
}

const configFile = join(projectFolder, 'vite.config.ts')
const loopback = { host: '127.0.0.1', port: 0 }

/** Builds the app into a folder of its own and serves that. */
export async function serveBuiltApp(): Promise<ServedApp> {
  const outDir = mkdtempSync(join(tmpdir(), 'selfsame-app-'))
  await build({ configFile, logLevel: 'warn', build: { outDir } })
  const server = await preview({ configFile, logLevel: 'warn', build: { outDir }, preview: loopback })
  return {
    address: addressOf(server.httpServer.address() as AddressInfo),
    close: async () => {
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}

/** Serves the app's sources, as `npm start` does. */
export async function serveSources(): Promise<ServedApp> {
  const cacheDir = mkdtempSync(join(tmpdir(), 'selfsame-vite-'))
  const server = await createServer({
    configFile,
    logLevel: 'warn',
    cacheDir,
    server: { ...loopback, hmr: false, ws: false },
  })
  await server.listen()
  return {
    address: addressOf(server.httpServer?.address() as AddressInfo),
    close: async () => {
      await server.close()
      rmSync(cacheDir, { recursive: true, force: true })
    },
  }
}

function addressOf({ port }: AddressInfo): string {
  return `http://127.0.0.1:${port}/`
}
