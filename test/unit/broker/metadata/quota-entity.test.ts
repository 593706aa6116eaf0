import { describe, expect, it } from 'vitest'
import {
  isQuotaEntityType,
  orderedEntity,
  quotaEntityKey,
  quotaEntityProblem,
} from '../../../../packages/broker/src/metadata/quota-entity.ts'

const entityOf = (parts: { readonly [type: string]: string | null }) =>
  Object.entries(parts).map(([entityType, entityName]) => ({ entityType, entityName }))

describe('an entity of quotas', () => {
  it('is the same in any order of its parts, and no other', () => {
    const one = entityOf({ user: 'a', 'client-id': null })
    const other = entityOf({ 'client-id': null, user: 'a' })
    expect(quotaEntityKey(one)).toBe(quotaEntityKey(other))
    expect(orderedEntity(one)).toEqual(other)
    const keys = [{ user: null }, { user: 'null' }, { user: '' }, { 'client-id': null }].map(
      parts => quotaEntityKey(entityOf(parts)),
    )
    expect(new Set(keys).size).toBe(4)
  })

  it.each([
    { user: 'alice' },
    { user: null },
    { user: 'a', 'client-id': 'b' },
    { ip: null },
    { ip: '10.0.0.1' },
    { ip: '::1' },
    { ip: 'fe80::1%eth0' },
    { ip: 'a.host.example' },
  ])('may be %j', parts => {
    expect(quotaEntityProblem(entityOf(parts))).toBeUndefined()
  })

  it.each([
    [entityOf({})],
    [entityOf({ group: 'a' })],
    [entityOf({ user: '' })],
    [entityOf({ ip: '' })],
    [entityOf({ ip: '10.0.0.1', user: 'a' })],
    [entityOf({ ip: 'not an ip' })],
    [entityOf({ ip: 'a..b' })],
    [entityOf({ ip: '-a' })],
    [entityOf({ ip: 'a'.repeat(300) })],
    [entityOf({ ip: ':::zz' })],
    [[...entityOf({ user: 'a' }), ...entityOf({ user: 'b' })]],
  ])('may not be %j', entity => {
    expect(quotaEntityProblem(entity)).toMatch(/\w/)
  })

  it('has parts of three types', () => {
    expect(['user', 'client-id', 'ip', 'group', ''].filter(isQuotaEntityType)).toHaveLength(3)
  })
})
