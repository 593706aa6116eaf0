import { describe, expect, it } from 'vitest'
import { HANDLING_SHARE, NOBODY } from '../../../../packages/client/src/group/membership.ts'

describe('a membership', () => {
  it('leaves time for the commit when handlers have used theirs', () => {
    expect(HANDLING_SHARE).toBeLessThan(1)
  })

  it('is nothing that the broker would check for a consumer that is no member', () => {
    expect(NOBODY).toMatchObject({ memberId: '', generationIdOrMemberEpoch: -1 })
  })
})
