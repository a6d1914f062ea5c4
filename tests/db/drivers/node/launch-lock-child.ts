import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeDriver } from '../../../../src/db/drivers/node/index.ts'

// launch-lock-child.ts FILE LOG: takes the launch lock of FILE again and again, and notes in LOG when it has it and when
// it lets go. launch-lock-child.ts FILE hold: takes it and keeps it.
const [filename = '', log = ''] = process.argv.slice(2)
for (let time = 0; time < 5; time += 1) {
  const release = await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 60_000 })
  if (log === 'hold') {
    process.stdout.write('ready\n')
    await sleep(600_000)
  }
  appendFileSync(log, 'in\n')
  await sleep(2)
  appendFileSync(log, 'out\n')
  await release()
}
