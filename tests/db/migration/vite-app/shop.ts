import { componentFromSql } from '../../../../src/index.ts'

/** The lines of the guide, in an app that Vite builds. */
export const shop = componentFromSql(
  import.meta.glob('./shop/*.sql', { query: '?raw', import: 'default', eager: true }),
)
