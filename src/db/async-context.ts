interface AsyncContext<T> {
  run<R>(value: T, body: () => R): R
  exit<R>(body: () => R): R
  current(): T | undefined
}

interface Storage<T> {
  run<R>(value: T, body: () => R): R
  exit<R>(body: () => R): R
  getStore(): T | undefined
}

/**
 * A value that follows the code it was set for through every `await`. Node has this; a browser has not yet
 * (github.com/tc39/proposal-async-context), and there the value is known only until the first `await`.
 */
export function createAsyncContext<T>(): AsyncContext<T> {
  const host = globalThis as {
    process?: { getBuiltinModule?: (name: string) => { AsyncLocalStorage: new () => Storage<T> } | undefined }
  }
  const node = host.process?.getBuiltinModule?.('node:async_hooks')
  if (node) {
    const storage = new node.AsyncLocalStorage()
    return {
      run: (value, body) => storage.run(value, body),
      exit: (body) => storage.exit(body),
      current: () => storage.getStore(),
    }
  }
  let now: T | undefined
  const during = <R>(value: T | undefined, body: () => R): R => {
    const before = now
    now = value
    try {
      return body()
    } finally {
      now = before
    }
  }
  return { run: during, exit: (body) => during(undefined, body), current: () => now }
}
