import { snapshotApiPerEntry } from 'tsnapi/vitest'
import { describe } from 'vitest'
import { projectFolder } from '../../scripts/entry-points.ts'

// A difference means that the public contract changed. When that is wanted: npm run build && npm test -- tests/package/api -u
describe('the public names and types', () => {
  snapshotApiPerEntry(projectFolder)
})
