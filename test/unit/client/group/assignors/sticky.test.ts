import { describe, expect, it } from 'vitest'
import { sticky } from '../../../../../packages/client/src/group/assignors/sticky.ts'
import { memberOf, partitionsOf, shown } from '../../../../support/group-members.ts'

describe('sticky', () => {
  it('gives members back what their user data says they had', () => {
    const userData = sticky.userData?.(partitionsOf('t-2 t-3'), 5) ?? null
    const members = [memberOf('a'), memberOf('b', { userData })]
    expect(shown(sticky.assign(members, new Map([['t', 4]])))).toEqual(['a: t-0 t-1', 'b: t-2 t-3'])
  })
})
