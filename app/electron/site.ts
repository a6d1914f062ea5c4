import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { protocol } from 'electron'

const scheme = 'app'

/** The address below which the app's pages are: a scheme of its own, as every file of the machine shares the origin of `file:`. */
export const site = `${scheme}://selfsame/`

/** Nothing inline, nothing from elsewhere. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/** Makes the scheme one with an origin and a secure context. To be called before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves the built pages, and no other file. */
export function serveSite(folder: string): void {
  protocol.handle(scheme, async ({ url, method }) => {
    const file = method === 'GET' ? fileOf(url, folder) : undefined
    const type = file && contentTypes[extname(file)]
    if (!file || !type) return notFound()
    try {
      const headers = { 'content-type': type, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' }
      return new Response(new Uint8Array(await readFile(file)), { headers })
    } catch {
      // A missing file and a folder read the same to a page.
      return notFound()
    }
  })
}

function fileOf(url: string, folder: string): string | undefined {
  const { host, pathname } = new URL(url)
  if (`${scheme}://${host}/` !== site) return undefined
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (path.includes('\0')) return undefined
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path))
  return file.startsWith(normalize(folder) + sep) ? file : undefined
}

function notFound(): Response {
  return new Response(null, { status: 404 })
}
