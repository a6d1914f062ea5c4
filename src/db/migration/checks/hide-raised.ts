import { DataLayerError } from '../../../errors/index.ts'
import type { StatementRunner } from '../../driver.ts'
import { tokenize } from '../../sql-text/tokenize.ts'
import { checkStatement } from '../../statement.ts'

const triggers = `SELECT sql FROM sqlite_schema WHERE type = 'trigger'
  UNION ALL SELECT sql FROM sqlite_temp_schema WHERE type = 'trigger'`

/**
 * The same error without what a trigger's RAISE quotes of a row: since SQLite 3.47 its words may be any expression
 * (sqlite.org/lang_createtrigger.html#raise). Words that stand as a literal in some trigger are nobody's data, and stay.
 */
export async function hideRaised(runner: StatementRunner, error: unknown): Promise<unknown> {
  if (!(error instanceof DataLayerError) || error.sqlite?.extended !== 'SQLITE_CONSTRAINT_TRIGGER') return error
  if (error.code !== 'sqlite' || (await isLiteral(runner, error.message))) return error
  const message = 'A trigger refused the statement. What it says is left out: it may quote a row.'
  return new DataLayerError('sqlite', message, { details: error.details, sqlite: error.sqlite })
}

async function isLiteral(runner: StatementRunner, words: string): Promise<boolean> {
  const literal = `'${words.replaceAll("'", "''")}'`
  const [found] = await runner.run([checkStatement({ text: triggers })])
  const texts = (found?.rows ?? []).flatMap(([text]) => tokenize(String(text)))
  return texts.some(({ kind, text }) => kind === 'text' && text === literal)
}
