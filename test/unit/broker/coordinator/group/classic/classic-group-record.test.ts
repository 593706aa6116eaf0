import { encodeGroupRecord } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  classicGroupRecord,
  classicGroupTombstone,
  fixedRecordBytes,
} from '../../../../../../packages/broker/src/coordinator/group/classic/classic-group-record.ts'
import { storedBytesOf } from '../../../../../../packages/broker/src/coordinator/group/classic/classic-members.ts'

const member = {
  memberId: 'client-1',
  instanceId: 'one',
  clientId: 'client',
  clientHost: '/127.0.0.1',
  rebalanceTimeoutMs: 60_000,
  sessionTimeoutMs: 10_000,
  protocols: [{ name: 'range', metadata: Buffer.from('reads') }],
  assignment: Buffer.from('all'),
}
const settled = {
  groupId: 'readers',
  generationId: 3,
  protocolType: null,
  protocolName: 'range',
  leaderId: null,
  sinceMs: 17,
  members: [member],
}

describe('the record of a classic group', () => {
  it('takes up no more than is counted for it', () => {
    const { record } = classicGroupRecord(settled)
    const { key, value } = encodeGroupRecord(record)
    const counted =
      fixedRecordBytes('readers', '', 'range', '') +
      storedBytesOf(member) +
      member.assignment.length
    expect(key.length + (value?.length ?? 0)).toBeLessThanOrEqual(counted)
    expect(record.value).toMatchObject({
      protocolType: '',
      leader: null,
      currentStateTimestamp: 17,
    })
  })

  it('has no value when the group is over', () => {
    expect(classicGroupTombstone('readers')).toEqual({
      type: 'record',
      record: { type: 'GroupMetadata', key: { group: 'readers' }, value: null },
    })
  })
})
