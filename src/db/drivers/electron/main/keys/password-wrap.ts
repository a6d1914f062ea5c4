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
/** In bytes. A tag that is shorter is guessed (NIST SP 800-38D, appendix C), and Node takes one of 4 bytes unless told. */
const lengths = { salt: 16, nonce: 12, tag: 16, wrapped: 64 }

/** Whether a value has the form of what {@link wrapWithPassword} gives, each length exact. */
export function isPasswordWrapped(value: Record<string, unknown>): boolean {
  const { cost } = value
  // More than that is no file of ours, and would take the machine's memory.
  const isCost = typeof cost === 'number' && cost >= usualCost && cost <= 8 * usualCost
  return isCost && Object.entries(lengths).every(([name, length]) => isBase64(value[name], length))
}

function isBase64(text: unknown, length: number): boolean {
  if (typeof text !== 'string') return false
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text
}

export async function wrapWithPassword(key: string, password: string): Promise<PasswordWrapped> {
  const salt = randomBytes(lengths.salt)
  const nonce = randomBytes(lengths.nonce)
  const derived = await derive(password, salt, usualCost)
  const cipher = createCipheriv('aes-256-gcm', derived, nonce, { authTagLength: lengths.tag })
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
    const derived = await derive(password, bytes(salt), cost)
    const decipher = createDecipheriv('aes-256-gcm', derived, bytes(nonce), { authTagLength: lengths.tag })
    decipher.setAuthTag(bytes(tag))
    return Buffer.concat([decipher.update(bytes(wrapped)), decipher.final()]).toString('utf8')
  } catch {
    throw new DataLayerError(
      'wrong-key',
      'The password does not open the database’s key. Nothing was changed: try again, or put a backup of the key’s file, with a password that is known, in its place.',
    )
  }
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: cost, r: blockSize, p: 1, maxmem: 256 * cost * blockSize }
    scrypt(password.normalize('NFKC'), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
