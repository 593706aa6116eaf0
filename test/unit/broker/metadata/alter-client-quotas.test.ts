import { describe, expect, it } from 'vitest'
import { alterClientQuotas } from '../../../../packages/broker/src/metadata/alter-client-quotas.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { imageWith } from '../../../support/metadata-image.ts'

const user = [{ entityType: 'user', entityName: 'alice' }]
const ip = [{ entityType: 'ip', entityName: '10.0.0.1' }]
const set = (key: string, value: number) => ({ key, value, remove: false })
const remove = (key: string) => ({ key, value: 0, remove: true })

describe('quotas', () => {
  it('are set, changed and taken back, and say nothing twice', () => {
    const rate = 'producer_byte_rate'
    const first = alterClientQuotas(imageWith(), [{ entity: user, ops: [set(rate, 5)] }])
    const image = applyAll(imageWith(), first.changes)
    const alter = (...ops: ReturnType<typeof set>[]) =>
      alterClientQuotas(image, [{ entity: user, ops }]).changes
    expect(alter(set(rate, 5))).toEqual([])
    expect(alter(set(rate, 6))).toHaveLength(1)
    expect(alter(remove('request_percentage'), remove('no_such'))).toEqual([])
    expect(applyAll(image, alter(remove(rate))).clientQuotas.size).toBe(0)
  })

  it.each([
    [user, [set('connection_creation_rate', 5)]],
    [ip, [set('producer_byte_rate', 5)]],
    [user, [set('no_such', 5)]],
    [user, [set('producer_byte_rate', 0)]],
    [user, [set('producer_byte_rate', 0.5)]],
    [user, [set('producer_byte_rate', 1e19)]],
    [user, [set('request_percentage', Number.NaN)]],
    [user, [set('request_percentage', Number.POSITIVE_INFINITY)]],
    [ip, [set('connection_creation_rate', 2 ** 31)]],
    [user, [set('producer_byte_rate', 1), remove('producer_byte_rate')]],
    [[], [set('producer_byte_rate', 1)]],
  ])('may not be set so: %j %j', (entity, ops) => {
    const { outcome, changes } = alterClientQuotas(imageWith(), [{ entity, ops }])
    expect(outcome).toMatchObject([{ error: 'INVALID_REQUEST' }])
    expect(changes).toEqual([])
  })

  it('of one entity are taken, whatever is wrong with another', () => {
    const { outcome, changes } = alterClientQuotas(imageWith(), [
      { entity: ip, ops: [set('connection_creation_rate', 5)] },
      { entity: user, ops: [set('request_percentage', 12.5), set('no_such', 1)] },
    ])
    expect(outcome.map(({ error }) => error)).toEqual(['NONE', 'INVALID_REQUEST'])
    expect(changes).toHaveLength(1)
  })
})
