import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectFolder, readManifest } from '../../scripts/entry-points.ts'
import { publicApi } from './public-api.ts'

const entryPoints = Object.entries(readManifest().exports).flatMap(([subpath, target]) =>
  typeof target === 'string'
    ? []
    : [{ name: subpath.slice(2) || 'index', types: join(projectFolder, target['types'] ?? '') }],
)
const apis = publicApi(entryPoints.map(({ types }) => types))

// A difference means that the public contract changed. When that is wanted: npm run build && npm test -- tests/package/api -u
describe('the public names and types', () => {
  it.for(entryPoints.map(({ name }, index) => ({ name, api: apis[index] ?? '' })))(
    'of $name are those on record',
    async ({ name, api }) => {
      expect(api.length).toBeGreaterThan(50)
      await expect(api).toMatchFileSnapshot(`__snapshots__/${name}.api.txt`)
    },
  )
})
