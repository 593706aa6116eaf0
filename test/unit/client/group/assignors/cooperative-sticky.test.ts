import { describe, expect, it } from 'vitest'
import { cooperativeSticky } from '../../../../../packages/client/src/group/assignors/cooperative-sticky.ts'
import { memberOf, partitionsOf, shown } from '../../../../support/group-members.ts'

const counts = new Map([['t', 4]])

describe('cooperative-sticky', () => {
  it('takes a partition away before it gives it to another', () => {
    const ownedPartitions = partitionsOf('t-0 t-1 t-2 t-3')
    const first = [memberOf('a', { ownedPartitions, generationId: 1 }), memberOf('b')]
    expect(shown(cooperativeSticky.assign(first, counts))).toEqual(['a: t-0 t-1', 'b:'])
    const second = [
      memberOf('a', { ownedPartitions: partitionsOf('t-0 t-1'), generationId: 2 }),
      memberOf('b', { generationId: 2 }),
    ]
    expect(shown(cooperativeSticky.assign(second, counts))).toEqual(['a: t-0 t-1', 'b: t-2 t-3'])
  })

  it('reads the generation from the user data of an older client', () => {
    const members = [
      memberOf('a', {
        ownedPartitions: partitionsOf('t-0'),
        userData: cooperativeSticky.userData?.([], 4) ?? null,
      }),
      memberOf('b', { ownedPartitions: partitionsOf('t-0'), generationId: 3 }),
    ]
    expect(shown(cooperativeSticky.assign(members, new Map([['t', 1]])))).toEqual(['a: t-0', 'b:'])
  })
})
