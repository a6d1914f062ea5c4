/**
 * Copies a value from one world of a window to the other as Electron's contextBridge does: functions become proxies, plain
 * objects and arrays are copied element by element, an error keeps its message alone, everything else is cloned.
 */
export function acrossWorlds(value: unknown, depth = 0): unknown {
  if (depth > 1000)
    throw new TypeError(
      'Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.',
    )
  if (typeof value === 'function') {
    return (...parameters: unknown[]) =>
      acrossWorlds((value as (...all: unknown[]) => unknown)(...parameters.map((each) => acrossWorlds(each))))
  }
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'symbol') return value
    return structuredClone(value)
  }
  if (value instanceof Promise) {
    return value.then(
      (result: unknown) => acrossWorlds(result),
      (error: unknown) => {
        throw acrossWorlds(error)
      },
    )
  }
  if (value instanceof Error) return new Error(value.message)
  if (Array.isArray(value)) return value.map((each) => acrossWorlds(each, depth + 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, acrossWorlds(each, depth + 1)]))
}
