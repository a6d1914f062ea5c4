import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { projectFolder, sourceAliases } from './scripts/entry-points.ts'
import { selfsame } from './src/vite/index.ts'

/** The reference app, against the library's sources by the names under which an app imports them. */
export default defineConfig({
  root: `${projectFolder}app`,
  base: './',
  cacheDir: `${projectFolder}node_modules/.vite`,
  plugins: [vue(), selfsame()],
  resolve: { alias: sourceAliases() },
  // Known from the start: found on the way, they would make the page load twice.
  optimizeDeps: {
    include: [
      '@capacitor-community/sqlite',
      '@capacitor/core',
      '@noble/hashes/sha2.js',
      '@noble/hashes/utils.js',
      'birpc',
      'pinia',
      'vue',
    ],
  },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023' },
})
