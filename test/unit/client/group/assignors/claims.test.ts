import { describe, expect, it } from 'vitest'
import {
  partitionKey,
  rightfulOwners,
} from '../../../../../packages/client/src/group/assignors/claims.ts'
import { memberOf, partitionsOf } from '../../../../support/group-members.ts'

const counts = new Map([['t', 4]])
const owners = (...members: Parameters<typeof rightfulOwners>[0][number][]) =>
  [
    ...rightfulOwners(
      members,
      ({ ownedPartitions: owned, generationId }) => ({ owned, generationId }),
      counts,
    ),
  ].map(([key, memberId]) => `${key} ${memberId}`)

describe('rightfulOwners', () => {
  it('believes the later generation', () => {
    const old = memberOf('a', { ownedPartitions: partitionsOf('t-0 t-1'), generationId: 3 })
    const young = memberOf('b', { ownedPartitions: partitionsOf('t-1'), generationId: 4 })
    expect(owners(old, young)).toEqual(['0 t a', '1 t b'])
  })

  it('believes neither of two that claim the same in one generation', () => {
    const a = memberOf('a', { ownedPartitions: partitionsOf('t-0 t-1'), generationId: 3 })
    const b = memberOf('b', { ownedPartitions: partitionsOf('t-1 t-2'), generationId: 3 })
    expect(owners(a, b)).toEqual(['0 t a', '2 t b'])
  })

  it('drops partitions that are gone, and topics that the member no longer reads', () => {
    const ownedPartitions = partitionsOf('t-3 t-4 u-0')
    expect(owners(memberOf('a', { ownedPartitions, generationId: 1 }))).toEqual(['3 t a'])
  })

  it('names partitions without mixing up topics that end in a number', () => {
    expect(partitionKey({ topic: 't 1', partition: 1 })).not.toBe(
      partitionKey({ topic: 't', partition: 11 }),
    )
  })
})
