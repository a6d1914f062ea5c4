import { readFileSync } from 'node:fs'

/** The package's version. The manifest lies two folders up from here, in the sources and in `dist`. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
