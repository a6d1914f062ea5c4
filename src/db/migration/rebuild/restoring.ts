/**
 * Runs `body`, then `restore` whatever happened. Where both fail the body's error is thrown: the other follows from it.
 */
export async function restoring<T>(body: () => Promise<T>, restore: () => Promise<void>): Promise<T> {
  let result: T
  try {
    result = await body()
  } catch (error) {
    await restore().catch(() => undefined)
    throw error
  }
  await restore()
  return result
}
