import { describe, expect, it } from 'vitest'
import { describeClassicGroup } from '../../../../../../packages/broker/src/coordinator/group/classic/describe-classic-group.ts'
import { ClassicShard } from '../../../../../support/classic-shard.ts'

describe('a classic group as it is described', () => {
  it('shows what members read and were assigned only while it is stable', () => {
    const shard = new ClassicShard()
    const metadata = Buffer.from('reads')
    const { memberIds } = shard.stable(1, { metadata })
    const group = shard.group()
    if (group === undefined) throw new Error('there is no group')
    const member = {
      memberId: memberIds[0],
      instanceId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
    }
    expect(describeClassicGroup(group)).toEqual({
      state: 'Stable',
      protocolType: 'consumer',
      protocolName: 'range',
      members: [{ ...member, metadata, assignment: Buffer.from('of 0') }],
    })
    shard.joinTwice({ metadata })
    expect(describeClassicGroup(group)).toMatchObject({
      state: 'PreparingRebalance',
      protocolType: 'consumer',
      protocolName: '',
      members: [{ ...member, metadata: new Uint8Array(0), assignment: new Uint8Array(0) }, {}],
    })
  })
})
