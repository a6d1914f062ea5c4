import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import config from '../../capacitor.config.ts'
import { projectFolder } from '../entry-points.ts'
import { applyAndroidSettings } from './android-settings.ts'

export type PhonePlatform = 'android' | 'ios'

/**
 * Lets the Capacitor CLI make the native project, or bring it up to date with the web build, and applies our settings. Answers
 * the project's folder.
 *
 * @param root a folder with `package.json`, `capacitor.config.ts`, `node_modules` and the web build
 */
export function makeNativeProject(platform: PhonePlatform, root: string = projectFolder): string {
  const folder = join(root, config[platform]?.path ?? platform)
  if (!existsSync(folder)) runCapacitor(root, 'add', platform)
  runCapacitor(root, 'sync', platform)
  if (platform === 'android') applyAndroidSettings(folder)
  return folder
}

function runCapacitor(root: string, ...parameters: string[]): void {
  const cli = join(projectFolder, 'node_modules/@capacitor/cli/bin/capacitor')
  // CI keeps the command from asking questions and from sending statistics.
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [cli, ...parameters], {
    cwd: root,
    env: { ...process.env, CI: '1' },
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`cap ${parameters.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
}
