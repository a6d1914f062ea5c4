import { existsSync } from 'node:fs'
import type { DriverCopies } from '../../../driver.ts'
import { copiesWith, nodeCopies } from '../node-copies.ts'
import { isPlain } from '../plain-file.ts'
import { cipherEngine } from './cipher-engine.ts'
import { loadCipherModule } from './cipher-module.ts'

/**
 * Copies of an encrypted database without a connection to it. One from before it was encrypted is put back as it is: the next
 * `encryptDatabase` encrypts it.
 */
export function encryptedCopies(path: string, key: string): DriverCopies {
  const copies = async () => copiesWith(cipherEngine(await loadCipherModule(), key), path, false)
  return {
    write: async (options) => (await copies()).write(options),
    list: async (options) => (await copies()).list(options),
    remove: async (location) => (await copies()).remove(location),
    restore: async (location, options) => {
      const plain = existsSync(location) && isPlain(location)
      return (plain ? nodeCopies(path) : await copies()).restore(location, options)
    },
  }
}
