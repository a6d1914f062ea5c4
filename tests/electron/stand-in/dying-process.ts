// The process of a database that takes main with it, before one of its statements. Arguments: the file, and the statement's
// number. How many there were is written beside the file when the database is closed.
import { writeFileSync } from 'node:fs'
import { serveDriver } from '../../../src/db/drivers/electron/main/index.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { dyingDriver } from '../../processes/dying-driver.ts'

const [filename = '', dieBefore = '0'] = process.argv.slice(2)
const die = () => {
  for (const pid of [process.ppid, process.pid]) process.kill(pid, 'SIGKILL')
  return new Promise<never>(() => undefined)
}
const dying = dyingDriver(nodeDriver({ filename }), { dieBefore: Number(dieBefore), weakness: 'none', die })
serveDriver({
  ...dying,
  open: async () => {
    const connection = await dying.open()
    return {
      ...connection,
      close: async () => {
        await connection.close()
        writeFileSync(`${filename}.statements`, String(dying.statements()))
      },
    }
  },
})
