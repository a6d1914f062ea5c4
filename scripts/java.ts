import { existsSync } from 'node:fs'
import { installDebianPackages } from './debian-packages.ts'

/** Android's own org.json, and SQLite for Java: both as Debian packages them. */
export const javaLibraries = ['/usr/share/java/com.android.json.jar', '/usr/share/java/sqlite-jdbc.jar']

const packages = ['default-jdk-headless', 'libandroid-json-java', 'libxerial-sqlite-jdbc-java']

function missing(): string[] {
  return ['/usr/bin/java', '/usr/bin/javac', ...javaLibraries].filter((path) => !existsSync(path))
}

/** What the Android host runs on: a JDK and two libraries. Installs them where they are missing and this process may. */
export function ensureJava(): void {
  if (missing().length === 0) return
  installDebianPackages('What the Android host runs on', packages)
  const absent = missing()
  if (absent.length === 0) return
  throw new Error(
    `The tests of the Android driver need ${packages.join(', ')} of Debian 12 or newer: there is no ${absent.join(', ')}.`,
  )
}
