import { createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

const pageSize = 4096
const saltLength = 16
const macLength = 64
/** Of many pages of a file that a loss of power has torn, one that was not is enough. */
const mostPages = 1000

// A rollback journal begins with its header, as long as a sector, and has a page's number, the page and a checksum in each
// record (sqlite.org/fileformat2.html#the_rollback_journal).
const sectorSizeAt = 20
const recordLength = 4 + pageSize + 4

/**
 * Whether the key encrypted this file, by the authentication of its pages as SQLCipher 4 writes it
 * (zetetic.net/sqlcipher/design): nothing is opened by SQLite, which would take a journal back before it looks at the key.
 *
 * @param file the open file
 * @param journal the path of its rollback journal, which has pages of it too
 */
export function hasKey(key: string, file: number, journal: string): boolean {
  const salt = bytesAt(file, 0, saltLength)
  const authenticate = pageAuthentication(key, salt)
  for (let page = 1; page <= mostPages; page += 1) {
    const content = bytesAt(file, (page - 1) * pageSize, pageSize)
    if (content.length < pageSize) break
    if (authenticate(page, content)) return true
  }
  let records: number
  try {
    records = openSync(journal, 'r')
  } catch (error) {
    // Its writer lives, and has just deleted it: there is nothing to take back.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
  try {
    const sectorSize = numberIn(bytesAt(records, sectorSizeAt, 4))
    for (let index = 0; index < mostPages; index += 1) {
      const record = bytesAt(records, sectorSize + index * recordLength, recordLength)
      if (record.length < recordLength) break
      if (authenticate(numberIn(record), record.subarray(4, 4 + pageSize))) return true
    }
  } finally {
    closeSync(records)
  }
  return false
}

function pageAuthentication(key: string, salt: Uint8Array): (page: number, content: Uint8Array) => boolean {
  const secret = Buffer.from(key, 'hex')
  const ownSalt = salt.map((byte) => byte ^ 0x3a)
  const macKey = pbkdf2Sync(secret, ownSalt, 2, secret.length, 'sha512')
  return (page, content) => {
    const number = Buffer.alloc(4)
    number.writeUInt32LE(page)
    const covered = content.subarray(page === 1 ? saltLength : 0, pageSize - macLength)
    const mac = createHmac('sha512', macKey).update(covered).update(number).digest()
    return timingSafeEqual(mac, content.subarray(pageSize - macLength))
  }
}

function numberIn(bytes: Uint8Array): number {
  return bytes.length < 4 ? 0 : Buffer.from(bytes).readUInt32BE()
}

function bytesAt(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, position))
}
