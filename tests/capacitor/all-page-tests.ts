import { answerTests } from './answer-tests.ts'
import { keyTests } from './key-tests.ts'
import { nameTests } from './name-tests.ts'
import { pageTests, type PageTest } from './page-tests.ts'
import { schemaAndLossTests } from './schema-and-loss-tests.ts'
import { settingTests } from './setting-tests.ts'
import { takeoverTests } from './takeover-tests.ts'

export const allPageTests: readonly PageTest[] = [
  ...pageTests,
  ...takeoverTests,
  ...schemaAndLossTests,
  ...settingTests,
  ...nameTests,
  ...answerTests,
  ...keyTests,
]
