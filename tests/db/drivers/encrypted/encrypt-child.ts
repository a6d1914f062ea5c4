// Encrypts the database that is named, with the key on stdin: arguments are seen by everybody on the machine.
import { readFileSync } from 'node:fs'
import { encryptDatabase } from '../../../../src/db/drivers/node/encrypted/index.ts'

process.stdout.write('started\n')
const { encrypted } = await encryptDatabase({ filename: process.argv[2] ?? '', key: readFileSync(0, 'utf8') })
process.stdout.write(`encrypted ${encrypted}\n`)
