import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SafeStorageLike } from '../../../src/db/drivers/electron/main/index.ts'

/** `safeStorage` with a store of its own: what another one wrapped it does not open. */
export class StandInSafeStorage implements SafeStorageLike {
  backend: string
  available: boolean
  /** What it gives back instead of what was wrapped. */
  answer: string | undefined
  /** Makes what it wraps from now on unreadable, or wraps something else. */
  spoil: 'damaged' | 'other' | undefined
  #keys = [randomBytes(32)]

  constructor({ backend = 'gnome_libsecret', available = true } = {}) {
    this.backend = backend
    this.available = available
  }

  /** Takes a newer key, and still opens what the older ones wrapped. */
  rotate(): void {
    this.#keys = [randomBytes(32), ...this.#keys]
  }

  isAsyncEncryptionAvailable(): Promise<boolean> {
    return Promise.resolve(this.available)
  }

  getSelectedStorageBackend(): string {
    return this.backend
  }

  encryptStringAsync(plainText: string): Promise<Buffer> {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#keys[0] ?? '', nonce)
    const text = this.spoil === 'other' ? '0'.repeat(64) : plainText
    const wrapped = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    if (this.spoil === 'damaged') return Promise.resolve(wrapped)
    return Promise.resolve(Buffer.concat([nonce, cipher.getAuthTag(), wrapped]))
  }

  async decryptStringAsync(encrypted: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    for (const [index, key] of this.#keys.entries()) {
      const decipher = createDecipheriv('aes-256-gcm', key, encrypted.subarray(0, 12))
      decipher.setAuthTag(encrypted.subarray(12, 28))
      try {
        const text = Buffer.concat([decipher.update(encrypted.subarray(28)), decipher.final()]).toString('utf8')
        return { result: this.answer ?? text, shouldReEncrypt: index > 0 }
      } catch {
        // Not this one's.
      }
    }
    throw new Error(`Error while decrypting the ciphertext ${encrypted.toString('base64')}`)
  }
}
