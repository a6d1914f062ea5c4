/**
 * Keeps an object with private fields as it is when an app puts it into reactive state: through a proxy its methods would
 * find no field of theirs. The property is what Vue's own `markRaw` sets, and nothing else looks at it.
 */
export function neverReactive(object: object): void {
  Object.defineProperty(object, '__v_skip', { value: true })
}
