import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { projectFolder, sourceAliases } from './scripts/entry-points.ts'
import { LongestFirst } from './tests/longest-first.ts'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: sourceAliases() },
  cacheDir: `${projectFolder}node_modules/.vite`,
  test: {
    include: ['tests/**/*.test.ts'],
    // A test that needs a DOM says so itself: // @vitest-environment happy-dom
    environment: 'node',
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Starts nothing before a browser test asks for it.
    globalSetup: ['tests/browser/support/global-setup.ts'],
    // Left alone, vitest keeps one core back, which on a machine of two is half of it.
    maxWorkers: '100%',
    // Child processes, browsers and property tests take their time on a machine of two cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Programs that tests start find their compiled code there: it halves their start. See Node's module.enableCompileCache.
    env: { NODE_COMPILE_CACHE: `${projectFolder}node_modules/.cache/compiled` },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
})
