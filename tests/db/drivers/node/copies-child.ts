import { nodeCopies } from '../../../../src/db/drivers/node/index.ts'

// copies-child.ts FILE write | COPY: copies FILE, or puts COPY in its place, again and again until it is killed.
const [filename = '', order = ''] = process.argv.slice(2)
const copies = nodeCopies(filename)
process.stdout.write('ready\n')
for (;;) await (order === 'write' ? copies.write({}) : copies.restore(order))
