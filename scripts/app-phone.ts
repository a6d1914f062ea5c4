// `npm run app:android` and `npm run app:ios`: builds the reference app and makes its native project, ready to be opened or run.
import { relative } from 'node:path'
import { build } from 'vite'
import { projectFolder } from './entry-points.ts'
import { makeNativeProject, type PhonePlatform } from './phone/native-project.ts'

const platform = process.argv[2] as PhonePlatform
await build({ configFile: `${projectFolder}vite.config.ts`, logLevel: 'warn' })
const project = makeNativeProject(platform)
process.stdout.write(
  `The project is in ${relative(projectFolder, project)}.\n` +
    `  npx cap run ${platform}     builds it and starts it on a device or simulator\n` +
    `  npx cap open ${platform}    opens it in ${platform === 'android' ? 'Android Studio' : 'Xcode'}\n`,
)
