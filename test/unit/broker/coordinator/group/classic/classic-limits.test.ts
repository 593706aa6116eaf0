import { describe, expect, it } from 'vitest'
import {
  exceedsLimits,
  MAX_METADATA_BYTES,
  MAX_NAME_LENGTH,
  MAX_PROTOCOLS,
} from '../../../../../../packages/broker/src/coordinator/group/classic/classic-limits.ts'

const request = {
  groupId: 'readers',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: new Uint8Array(MAX_METADATA_BYTES) }],
  reason: null,
}
const bytes = (count: number) => ({ name: 'range', metadata: new Uint8Array(count) })
const long = 'x'.repeat(MAX_NAME_LENGTH + 1)

describe('the limits of a member of a classic group', () => {
  it.each([
    ['protocols', { protocols: Array.from({ length: MAX_PROTOCOLS + 1 }, () => bytes(0)) }],
    ['metadata', { protocols: [bytes(MAX_METADATA_BYTES), bytes(1)] }],
    ['an instance id', { groupInstanceId: long }],
    ['a member id', { memberId: long }],
    ['a protocol type', { protocolType: long }],
    ['a name of a protocol', { protocols: [{ name: long, metadata: new Uint8Array(0) }] }],
  ])('are exceeded by one more than allowed: %s', (_, words) => {
    expect(exceedsLimits(request)).toBe(false)
    expect(exceedsLimits({ ...request, ...words })).toBe(true)
  })
})
