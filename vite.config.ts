import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { projectFolder, sourceAliases } from './scripts/entry-points.ts'

/** The reference app, against the library's sources by the names under which an app imports them. */
export default defineConfig({
  root: `${projectFolder}app`,
  base: './',
  cacheDir: `${projectFolder}node_modules/.vite`,
  plugins: [vue()],
  resolve: { alias: sourceAliases() },
  // Known from the start: found on the way, they would make the page load twice.
  optimizeDeps: { include: ['pinia', 'sql.js', 'vue'] },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023' },
})
