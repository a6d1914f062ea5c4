import { parameterPlaces } from './parameters.ts'
import type { SqlValue } from './values.ts'

/**
 * A text in which some values stand as an expression, for engines that cannot bind them as they are. A `?` that comes twice
 * is replaced twice.
 *
 * @param expressionFor the SQL to put in a value's place, given the parameter as it was written; `undefined` leaves it
 */
export function replaceParameters(
  text: string,
  params: readonly SqlValue[],
  expressionFor: (value: SqlValue, index: number, parameter: string) => string | undefined,
): string {
  let rewritten = ''
  let end = 0
  for (const place of parameterPlaces(text)) {
    const parameter = text.slice(place.start, place.end)
    const expression = expressionFor(params[place.value] ?? null, place.value, parameter)
    rewritten += text.slice(end, place.start) + (expression ?? parameter)
    end = place.end
  }
  return rewritten + text.slice(end)
}
