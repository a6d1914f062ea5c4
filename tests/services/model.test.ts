// oxlint-disable vitest/no-standalone-expect -- the steps run inside the property
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDataLayer, type DataLayer } from '../../src/data-layer.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import type { Settings, SettingsPatch } from '../../src/identity/settings-columns.ts'

/** What the services should be saying, kept in plain objects. */
interface Model {
  readonly accounts: Set<string>
  activeDid: string | null
  master: Settings
  readonly own: Map<string, Settings>
}

interface Step {
  readonly name: string
  run(dataLayer: DataLayer, model: Model): Promise<void>
}

const dids = ['did:a:1', 'did:b:2', 'did:c:3'] as const
const did = fc.constantFrom(...dids)
const patch = fc.record<SettingsPatch>(
  {
    firstName: fc.option(fc.constantFrom('', 'Ada', "O'Neil", 'did:a:1')),
    isRegistered: fc.option(fc.boolean()),
    passkeyExpirationMinutes: fc.option(fc.integer()),
    searchBoxes: fc.constantFrom(null, [], [{ name: 'x', bbox: { eastLong: 1, maxLat: 2, minLat: 3, westLong: 4 } }]),
    activeDid: fc.option(fc.oneof(did, fc.constant(''))),
  },
  { requiredKeys: [] },
)

function applied(settings: Settings, { activeDid: _identity, ...changes }: SettingsPatch): Settings {
  const all = Object.entries({ ...settings, ...changes })
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined))
}

function mayApply({ accounts }: Model, { activeDid }: SettingsPatch): boolean {
  return activeDid === undefined || activeDid === null || activeDid === '' || accounts.has(activeDid)
}

function applyIdentity(model: Model, { activeDid }: SettingsPatch): void {
  if (activeDid !== undefined) model.activeDid = activeDid || null
}

const step: fc.Arbitrary<Step> = fc.oneof(
  did.map((subject): Step => ({
    name: `add ${subject}`,
    async run({ accounts }, model) {
      const added = accounts.add({ did: subject, publicKeyHex: '01' })
      if (model.accounts.has(subject)) await expect(added).rejects.toMatchObject({ code: 'duplicate-dids' })
      else await added
      model.accounts.add(subject)
    },
  })),
  fc.tuple(did, fc.option(did)).map(([subject, next]): Step => ({
    name: `remove ${subject}, next ${next}`,
    async run({ accounts }, model) {
      const removed = accounts.remove(subject, { next })
      if (next === subject) return expect(removed).rejects.toMatchObject({ code: 'invalid-value' })
      if (!model.accounts.has(subject) || (next !== null && !model.accounts.has(next))) {
        return expect(removed).rejects.toMatchObject({ code: 'unknown-account' })
      }
      await removed
      model.accounts.delete(subject)
      model.own.delete(subject)
      if (model.activeDid === subject) model.activeDid = next
    },
  })),
  fc.option(fc.oneof(did, fc.constant(''))).map((subject): Step => ({
    name: `switch to ${subject}`,
    async run({ platform }, model) {
      const may = mayApply(model, { activeDid: subject })
      expect(await platform.$updateActiveDid(subject)).toBe(may)
      if (may) model.activeDid = subject || null
    },
  })),
  patch.map((changes): Step => ({
    name: `save ${JSON.stringify(changes)}`,
    async run({ platform }, model) {
      const may = mayApply(model, changes)
      expect(await platform.$saveSettings(changes)).toBe(may)
      if (!may) return
      model.master = applied(model.master, changes)
      applyIdentity(model, changes)
    },
  })),
  patch.map((changes): Step => ({
    name: `save mine ${JSON.stringify(changes)}`,
    async run({ platform }, model) {
      const may = mayApply(model, changes)
      expect(await platform.$saveMySettings(changes)).toBe(may)
      if (!may) return
      if (model.activeDid === null) model.master = applied(model.master, changes)
      else model.own.set(model.activeDid, applied(model.own.get(model.activeDid) ?? {}, changes))
      applyIdentity(model, changes)
    },
  })),
  fc.tuple(did, patch).map(([subject, changes]): Step => ({
    name: `save for ${subject} ${JSON.stringify(changes)}`,
    async run({ platform }, model) {
      const may = model.accounts.has(subject) && mayApply(model, changes)
      expect(await platform.$saveUserSettings(subject, changes)).toBe(may)
      if (!may) return
      model.own.set(subject, applied(model.own.get(subject) ?? {}, changes))
      applyIdentity(model, changes)
    },
  })),
)

async function compare({ platform, accounts, settings }: DataLayer, model: Model): Promise<void> {
  const identity = model.activeDid === null ? {} : { activeDid: model.activeDid }
  expect((await accounts.list()).map((account) => account.did).toSorted()).toEqual([...model.accounts].toSorted())
  expect((await platform.$getActiveIdentity()).activeDid).toBe(model.activeDid)
  expect(platform.$activeDid).toBe(model.activeDid)
  expect(await settings.get()).toEqual({ ...model.master, ...identity })
  const active = model.activeDid === null ? {} : model.own.get(model.activeDid)
  expect(await platform.$accountSettings()).toEqual({ ...model.master, ...active, ...identity })
  for (const subject of dids) {
    expect(await platform.$accountSettings(subject)).toEqual({
      ...model.master,
      ...model.own.get(subject),
      ...identity,
    })
  }
}

it.each([[[]], [['identity-0005']]])(
  'whatever is done in whatever order, the services say what a model of them says (held: %j)',
  async (hold) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const dataLayer = createDataLayer({ driver: nodeDriver({ filename: ':memory:' }), migrations: { hold } })
        const model: Model = { accounts: new Set(), activeDid: null, master: {}, own: new Map() }
        try {
          for (const { run } of steps) {
            await run(dataLayer, model)
            await compare(dataLayer, model)
          }
          expect((await dataLayer.db.verify()).ok).toBe(true)
        } finally {
          await dataLayer.close()
        }
      }),
      { numRuns: 60 },
    )
  },
)
