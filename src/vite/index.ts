/** What {@link selfsame} gives to Vite: a plugin's name and the settings it adds. Declared here, so that our types need no Vite. */
export interface SelfsamePlugin {
  readonly name: string
  config(): {
    readonly optimizeDeps: { readonly exclude: string[] }
    readonly worker: { readonly format: 'es' }
  }
}

/**
 * Vite's settings for `selfsame/web`: the driver's worker and SQLite's wasm are found by their URL beside the module, which
 * the development server's pre-bundling would move away, and the worker loads SQLite by a dynamic import.
 *
 * @example
 * export default defineConfig({ plugins: [vue(), selfsame()] })
 */
export function selfsame(): SelfsamePlugin {
  return {
    name: 'selfsame',
    config: () => ({
      optimizeDeps: { exclude: ['selfsame', 'selfsame/web', '@sqlite.org/sqlite-wasm'] },
      worker: { format: 'es' },
    }),
  }
}
