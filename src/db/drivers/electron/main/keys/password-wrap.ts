import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { DataLayerError } from '../../../../../errors/index.ts'

/** A key that a password opens: AES-256-GCM under what scrypt makes of the password. All texts are base64. */
export interface PasswordWrapped {
  readonly protection: 'password'
  readonly salt: string
  readonly cost: number
  readonly nonce: string
  readonly tag: string
  readonly wrapped: string
}

// 128 MB and some tenths of a second for each guess.
const usualCost = 2 ** 17
const blockSize = 8

export async function wrapWithPassword(key: string, password: string): Promise<PasswordWrapped> {
  const salt = randomBytes(16)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', await derive(password, salt, usualCost), nonce)
  const wrapped = Buffer.concat([cipher.update(key, 'utf8'), cipher.final()])
  const text = (bytes: Buffer) => bytes.toString('base64')
  return {
    protection: 'password',
    salt: text(salt),
    cost: usualCost,
    nonce: text(nonce),
    tag: text(cipher.getAuthTag()),
    wrapped: text(wrapped),
  }
}

/** @throws {DataLayerError} `wrong-key` for another password */
export async function unwrapWithPassword(
  { salt, cost, nonce, tag, wrapped }: PasswordWrapped,
  password: string,
): Promise<string> {
  const bytes = (text: string) => Buffer.from(text, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', await derive(password, bytes(salt), cost), bytes(nonce))
    decipher.setAuthTag(bytes(tag))
    return Buffer.concat([decipher.update(bytes(wrapped)), decipher.final()]).toString('utf8')
  } catch {
    throw new DataLayerError(
      'wrong-key',
      'The password does not open the database’s key. Nothing was changed: try again.',
    )
  }
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: cost, r: blockSize, p: 1, maxmem: 256 * cost * blockSize }
    scrypt(password.normalize('NFKC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
