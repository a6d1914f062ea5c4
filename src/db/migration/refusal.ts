import { DataLayerError } from '../../errors/index.ts'
import { inheritRows } from './checks/run-check.ts'

const refusals = new Set<string>([
  'schema-too-new',
  'schema-drift',
  'missing-requirement',
  'conflicting-patch',
  'duplicate-dids',
  'foreign-schema',
  'not-a-database',
  'wrong-key',
  'unsupported',
])

/** Whether an error says that the database was not accepted, rather than that something went wrong. */
export function outcomeOf(error: DataLayerError): 'refused' | 'failed' {
  return refusals.has(error.code) ? 'refused' : 'failed'
}

/** @throws {DataLayerError} the first of the problems; with several, `details.problems` has them all */
export function mustHaveNoProblem(problems: readonly DataLayerError[]): void {
  const [first] = problems
  if (!first) return
  if (problems.length === 1) throw first
  const details = { ...first.details, problems: problems.map((problem) => problem.toJSON()) }
  const message = problems.map((problem) => problem.message).join(' ')
  throw inheritRows(first, new DataLayerError(first.code, message, { details, sqlite: first.sqlite }))
}
