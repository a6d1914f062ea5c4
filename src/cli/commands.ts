import type { Command } from './command.ts'

/** Every command, loaded when it is called: asking for the usage does not load an engine. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  status: async () => (await import('./commands/status.ts')).status,
  plan: async () => (await import('./commands/plan.ts')).plan,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  repairs: async () => (await import('./commands/repairs.ts')).repairs,
  rollback: async () => (await import('./commands/rollback.ts')).rollback,
  verify: async () => (await import('./commands/verify.ts')).verify,
  duplicates: async () => (await import('./commands/duplicates.ts')).duplicates,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  drop: async () => (await import('./commands/drop.ts')).drop,
  'set-up': async () => (await import('./commands/set-up.ts')).setUp,
  new: async () => (await import('./commands/new.ts')).newPatch,
  demo: async () => (await import('./commands/demo.ts')).demo,
}

export function commandNames(): string[] {
  return Object.keys(loaders)
}

export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(loaders, name) ? loaders[name]?.() : undefined
}
