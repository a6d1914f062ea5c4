import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { build } from 'vite'
import { selfsame } from '../../../src/vite/index.ts'
import { projectFolder, sourceAliases } from '../../../scripts/entry-points.ts'

/** A built page on a loopback port that the system chose, below a sub-path and under a strict Content-Security-Policy. */
export interface ServedPage {
  readonly address: string
  /** How often each file was asked for. */
  readonly requests: ReadonlyMap<string, number>
  close(): Promise<void>
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** No inline script, no eval, nothing from elsewhere; WebAssembly is the one thing that has to be allowed. */
export const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:"

/** Builds the page the way an app is built, with the plugin from `selfsame/vite`, and serves it. */
export async function servePage(): Promise<ServedPage> {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-page-'))
  await build({
    configFile: false,
    logLevel: 'error',
    root: `${projectFolder}tests/browser/page`,
    base: './',
    resolve: { alias: sourceAliases() },
    plugins: [selfsame()],
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', minify: false },
  })
  const requests = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
    // Any folder will do before it: a test that counts requests has an address of its own.
    const [, inside] = /\/deep\/path\/(.*)$/.exec(path) ?? []
    const file = inside === undefined ? undefined : join(folder, inside || 'index.html')
    requests.set(path, (requests.get(path) ?? 0) + 1)
    if (!file || !existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': strictPolicy,
      'cache-control': 'max-age=3600',
    })
    response.end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/deep/path/`,
    requests,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
