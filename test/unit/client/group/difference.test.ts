import { describe, expect, it } from 'vitest'
import { difference } from '../../../../packages/client/src/group/difference.ts'
import { partitionsOf } from '../../../support/group-members.ts'

describe('difference', () => {
  it('says what goes and what comes', () => {
    const { revoked, added } = difference(partitionsOf('t-0 t-1 u-0'), partitionsOf('t-1 u-1'))
    expect(revoked).toEqual(partitionsOf('t-0 u-0'))
    expect(added).toEqual(partitionsOf('u-1'))
  })
})
