import { describe, expect, it } from 'vitest'
import {
  byText,
  inOrder,
  subscribedTopics,
} from '../../../../../packages/client/src/group/assignors/assignor.ts'
import { memberOf } from '../../../../support/group-members.ts'

describe('the order of assignors', () => {
  it('puts static members first', () => {
    const members = [memberOf('a'), memberOf('c', { groupInstanceId: 'x' }), memberOf('b')]
    expect(inOrder(members).map(({ memberId }) => memberId)).toEqual(['c', 'a', 'b'])
  })

  it('compares text as Java does, not as a language does', () => {
    expect(['b', 'B', 'a', 'Z'].sort(byText)).toEqual(['B', 'Z', 'a', 'b'])
  })

  it('counts the topics that exist', () => {
    const members = [
      memberOf('a', { topics: ['u', 'gone'] }),
      memberOf('b', { topics: ['t', 'u'] }),
    ]
    const counts = new Map([
      ['t', 1],
      ['u', 1],
      ['empty', 0],
    ])
    expect(subscribedTopics(members, counts)).toEqual(['t', 'u'])
  })
})
