// https://www.sqlite.org/fileformat2.html#the_database_header
const header = 'SQLite format 3\0'

export const headerLength = header.length

/** Whether a file's first bytes are those of a database that is not encrypted. */
export function isPlainHeader(bytes: Uint8Array): boolean {
  return bytes.length >= headerLength && [...header].every((letter, index) => bytes[index] === letter.charCodeAt(0))
}
