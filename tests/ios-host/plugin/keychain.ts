import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** The keychain as KeychainServices.swift uses it: passwords by account, in a file that outlives the app when it lies elsewhere. */
export class Keychain {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  // KeychainServices.swift, getGenericPasswordFor; UtilsSecret.swift, getPassphrase: whatever fails is no password
  password(account: string): string {
    return this.#all()[account] ?? ''
  }

  // KeychainServices.swift, storeGenericPasswordFor: an empty password removes the entry, another one replaces it
  store(account: string, password: string): void {
    const { [account]: _, ...others } = this.#all()
    writeFileSync(this.#file, JSON.stringify(password === '' ? others : { ...others, [account]: password }))
  }

  #all(): Record<string, string> {
    return existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, string>) : {}
  }
}
