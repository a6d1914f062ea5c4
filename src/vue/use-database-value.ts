import { onScopeDispose, shallowReadonly, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import type { DataLayer } from '../data-layer.ts'
import { DataLayerError } from '../errors/index.ts'

/** A value read from the database, kept current while its component or scope lives. */
export interface DatabaseValue<T> {
  /** The value last read; `undefined` until the first. A failed read leaves it. */
  readonly data: Readonly<ShallowRef<T | undefined>>
  /** What the last read failed with; `undefined` after a good one. */
  readonly error: Readonly<ShallowRef<DataLayerError | undefined>>
  readonly status: Readonly<ShallowRef<'loading' | 'ready' | 'failed'>>
  /** Reads again. Resolves when that is done, whether it went well or not. */
  readonly refresh: () => Promise<void>
}

/**
 * Reads now, when `dependencies` change, and after every commit that may have changed one of the tables.
 *
 * @param read makes one read; it is never run twice at once
 */
export function useDatabaseValue<T>(
  dataLayer: DataLayer,
  tables: readonly string[],
  dependencies: WatchSource<unknown>,
  read: () => Promise<T>,
): DatabaseValue<T> {
  const data = shallowRef<T>()
  const error = shallowRef<DataLayerError>()
  const status = shallowRef<'loading' | 'ready' | 'failed'>('loading')
  let question = 0
  let due = false
  const scope = { disposed: false }
  let reading: Promise<void> | undefined

  const readWhileDue = async () => {
    while (due && !scope.disposed) {
      due = false
      const asked = question
      const result = await read().then(
        (value) => ({ value }),
        (caught: unknown) => ({ fault: asDataLayerError(caught) }),
      )
      // What was asked has changed meanwhile, so this is an answer to something else.
      if (scope.disposed || asked !== question) continue
      if ('value' in result) data.value = result.value
      error.value = 'fault' in result ? result.fault : undefined
      status.value = 'fault' in result ? 'failed' : 'ready'
    }
  }
  const refresh = () => {
    due = true
    reading ??= readWhileDue().finally(() => (reading = undefined))
    return reading
  }

  const watched = new Set([...tables, 'sqlite_schema'])
  const stop = dataLayer.db.onChange((change) => {
    if (change.tables.some((table) => watched.has(table.toLowerCase()))) void refresh()
  })
  onScopeDispose(() => {
    scope.disposed = true
    stop()
  })
  watch(
    dependencies,
    () => {
      question += 1
      void refresh()
    },
    { immediate: true },
  )
  return { data: shallowReadonly(data), error: shallowReadonly(error), status: shallowReadonly(status), refresh }
}

function asDataLayerError(error: unknown): DataLayerError {
  return error instanceof DataLayerError ? error : new DataLayerError('sqlite', 'The read failed.', { cause: error })
}
