import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { startLaunch, temporaryFolder, writeLegacyFile } from './start-launch.ts'

const processes = 8
const rounds = 5

test(
  `${processes} processes launch one file at once: one migrates, the others find it done`,
  { timeout: 300_000 },
  async () => {
    let waited = 0
    for (let round = 0; round < rounds; round += 1) {
      const file = join(temporaryFolder(), 'app.sqlite')
      await writeLegacyFile(file, { accounts: 50, contacts: 200, seed: round + 1 })
      const go = `${file}.go`
      const launches = Array.from({ length: processes }, () => startLaunch({ file, waitFor: go }))
      await Promise.all(launches.map(({ ready }) => ready))
      writeFileSync(go, '')
      const ends = await Promise.all(launches.map(({ ended }) => ended))
      expect(ends.map(({ stderr }) => stderr).filter(Boolean)).toEqual([])
      expect(ends.map(({ answer }) => answer?.error)).toEqual(Array.from({ length: processes }, () => null))
      const outcomes = ends.map(({ answer }) => answer?.outcome).toSorted()
      expect(outcomes).toEqual([...Array.from({ length: processes - 1 }, () => 'current'), 'migrated'])
      expect(readdirSync(dirname(file)).filter((name) => name.includes('selfsame-backup'))).toHaveLength(1)
      expect(readdirSync(dirname(file)).filter((name) => name.includes('lock'))).toEqual([])
      waited += ends.filter(({ answer }) => answer?.waited).length
    }
    expect(waited).toBeGreaterThan(0)
    process.stdout.write(
      `${processes} processes at once, ${rounds} rounds: ${rounds} migrated, ${rounds * (processes - 1)} found it done (${waited} waited), 0 errors\n`,
    )
  },
)
