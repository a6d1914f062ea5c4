import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The test files that take a minute or more, the longest first. Begun last, one of them would run alone at the end. */
const long = [
  'reliability/syscalls/fault.test.ts',
  'reliability/syscalls/kill.test.ts',
  'property/migrate.test.ts',
  'processes/killed.test.ts',
  'electron/killed.test.ts',
  'identity/round-trip.test.ts',
  'db/migration/rebuild/random-schemas.test.ts',
  'app/reference-app.test.ts',
  'app/accessibility.test.ts',
]

/** Vitest goes by the last run's times, which a fresh clone does not have, and then by the size of files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = long.findIndex((name) => moduleId.endsWith(`/tests/${name}`))
      return found < 0 ? long.length : found
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's, which is no array's
    const usual = await super.sort(files)
    return usual.toSorted((a, b) => place(a) - place(b))
  }
}
