import { describe, expect, test } from 'vitest'
import type { Component, SetUpArguments } from '../../../src/db/migration/component.ts'
import { defineComponent } from '../../../src/db/migration/define-component.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { openDatabase } from './test-database.ts'

/** What a cast, or JavaScript, may make of a component. */
const shop = (patch: unknown, rest: object = {}) =>
  ({ name: 'shop', patches: [patch], ...rest }) as unknown as Component
const patch = (fields: object) => shop({ name: 'shop-0001', statements: ['SELECT 1'], ...fields })

describe('defineComponent refuses, with the owner and the field,', () => {
  test.each<[string, unknown, { owner: string; field: string }]>([
    ['no component', undefined, { owner: 'A component', field: 'component' }],
    ['a component without patches', { name: 'shop' }, { owner: 'shop', field: 'patches' }],
    ['a patch that is null', shop(null), { owner: 'shop', field: 'patches[0]' }],
    ['a patch without a name', shop({ statements: [] }), { owner: 'shop', field: 'patches[0].name' }],
    ['a patch without statements', shop({ name: 'shop-0001' }), { owner: 'shop-0001', field: 'statements' }],
    ['a step that is a number', patch({ statements: [5] }), { owner: 'shop-0001', field: 'statements[0]' }],
    ['a step without text', patch({ statements: [{}] }), { owner: 'shop-0001', field: 'statements[0].text' }],
    ['code without a function', patch({ statements: [{ code: 'c' }] }), { owner: 'shop-0001', field: 'statements[0]' }],
    [
      'code without a function in a revert',
      patch({ revert: [{ code: 'c' }] }),
      { owner: 'shop-0001', field: 'revert[0]' },
    ],
    ['a requirement that is no list', patch({ requires: 'identity-0001' }), { owner: 'shop-0001', field: 'requires' }],
    ['a conflict that is a number', patch({ conflicts: [1] }), { owner: 'shop-0001', field: 'conflicts[0]' }],
    ['a check without rows', patch({ before: [{ name: 'x' }] }), { owner: 'shop-0001', field: 'before[0].rows' }],
    [
      'a check with a code of its own',
      patch({ after: [{ name: 'x', rows: 'SELECT 1', code: 'banana' }] }),
      { owner: 'shop-0001', field: 'after[0].code' },
    ],
    [
      'a value that cannot be bound',
      patch({ statements: [{ text: 'SELECT ?, ?', params: [1, undefined] }] }),
      { owner: 'shop-0001', field: 'statements[0].params[1]' },
    ],
    ['a set-up that is text', patch({ setUp: ['x'] }), { owner: 'shop-0001', field: 'setUp[0]' }],
    [
      'a view that is null',
      shop({ name: 'shop-0001', statements: ['SELECT 1'] }, { repeatables: [null] }),
      { owner: 'shop', field: 'repeatables[0]' },
    ],
    [
      'an invariant that is null',
      shop({ name: 'shop-0001', statements: ['SELECT 1'] }, { invariants: [null] }),
      { owner: 'shop', field: 'invariants[0]' },
    ],
    [
      'a baseline without statements',
      shop({ name: 'shop-0001', statements: ['SELECT 1'] }, { baseline: { through: 'shop-0001' } }),
      { owner: 'shop', field: 'baseline.statements' },
    ],
  ])('%s', (_, component, { owner, field }) => {
    expect(() => defineComponent(component as Component)).toThrow(
      expect.objectContaining({
        name: 'DataLayerError',
        code: 'invalid-value',
        message: expect.stringContaining(`${owner}: ${field} `),
        details: { owner, field },
      }),
    )
  })
})

test.each([undefined, null, [], { rows: {} }])('The set-up refuses %j for its arguments', async (args) => {
  const opened = await openDatabase()
  const setUp = new Migrator(opened, []).setUp(args as unknown as SetUpArguments)
  await expect(setUp).rejects.toMatchObject({ code: 'invalid-value', message: expect.stringContaining('The set-up: ') })
  await opened.close()
})
