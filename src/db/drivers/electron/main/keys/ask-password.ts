import { DataLayerError } from '../../../../../errors/index.ts'

/**
 * Asks the user for a password. `choose` and then `repeat` when a key is made, `open` at every later start.
 *
 * @throws what it likes when the user gives none: it becomes the cause of `invalid-value`
 */
export type PasswordPrompt = (purpose: 'choose' | 'repeat' | 'open') => Promise<string>

/** @throws {DataLayerError} `invalid-value` where none was given, or a blank one */
export async function askPassword(prompt: PasswordPrompt, purpose: Parameters<PasswordPrompt>[0]): Promise<string> {
  let password: unknown
  try {
    password = await prompt(purpose)
  } catch (error) {
    throw new DataLayerError('invalid-value', 'No password was given. Nothing was changed: ask again.', {
      cause: error,
    })
  }
  if (typeof password === 'string' && password.trim() !== '') return password
  throw new DataLayerError('invalid-value', 'No password was given, or a blank one. Nothing was changed: ask again.')
}

/**
 * A password that the user has typed twice: nobody could open what one with a typo has wrapped.
 *
 * @throws {DataLayerError} `invalid-value` where the two differ
 */
export async function choosePassword(prompt: PasswordPrompt): Promise<string> {
  const chosen = await askPassword(prompt, 'choose')
  if ((await askPassword(prompt, 'repeat')) === chosen) return chosen
  throw new DataLayerError('invalid-value', 'The two passwords differ. No key was made: ask for both again.')
}
