import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Installs Debian packages where this process may; says nothing and does nothing where it may not. */
export function installDebianPackages(need: string, packages: readonly string[]): void {
  const prefix = packageManagerPrefix()
  if (!prefix) return
  process.stdout.write(`${need} is missing; installing ${packages.join(', ')} with apt-get.\n`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const step of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const [program, ...parameters] = [...prefix, 'apt-get', ...step] as [string, ...string[]]
    execFileSync(program, parameters, { stdio: 'inherit', env: environment })
  }
}

function packageManagerPrefix(): string[] | undefined {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined
}
