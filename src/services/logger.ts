/** What the library tells the app's own log. Bound values, key material and whole DIDs never pass by here. */
export interface Logger {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void
  info(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
  error(message: string, details?: Readonly<Record<string, unknown>>): void
}

const nothing = () => undefined

/** Says nothing: a library that was given no log has none. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** A logger whose own faults do not become the database's: they surface as uncaught errors instead. */
export function guardLogger(logger: Logger): Logger {
  const guard =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, details) =>
      callListener(() => logger[level](message, details))
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') }
}

/** Calls what the app gave us. What it throws is the app's fault and must not look like ours, nor get lost. */
export function callListener(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
