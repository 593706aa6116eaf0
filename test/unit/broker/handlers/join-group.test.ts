import { errorCode, type JoinGroup, type RequestInput } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { joinGroup } from '../../../../packages/broker/src/handlers/join-group.ts'
import { ClassicShard } from '../../../support/classic-shard.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'
import { pureGroups, refusingGroups } from '../../../support/pure-groups.ts'

const joining = (memberId = ''): RequestInput<typeof JoinGroup> => ({
  groupId: 'readers',
  sessionTimeoutMs: 10_000,
  memberId,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('topics') }],
})

describe('JoinGroup', () => {
  it('names members after the client and a new uuid', async () => {
    const { broker, ask } = await memoryBroker({ topics: {} })
    Object.assign(broker, { groups: pureGroups(new ClassicShard()) })
    const { errorCode: code, memberId } = await ask(joinGroup, 9, joining()).answered
    expect(code).toBe(errorCode('MEMBER_ID_REQUIRED'))
    expect(memberId).toMatch(
      /^test-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })

  it('keeps the metadata when the frame that they came in is used again', async () => {
    const shard = new ClassicShard()
    const { broker, ask } = await memoryBroker({ topics: {} })
    Object.assign(broker, { groups: pureGroups(shard) })
    const metadata = Buffer.from('topics')
    const request = { ...joining(), protocols: [{ name: 'range', metadata }] }
    const { memberId } = await ask(joinGroup, 3, request).answered
    const [kept] = shard.group()?.members.get(memberId)?.protocols ?? []
    expect(kept?.metadata.byteLength).toBe(kept?.metadata.buffer.byteLength)
    expect(Buffer.from(kept?.metadata ?? []).toString()).toBe('topics')
    expect(shard.group()?.members.get(memberId)?.clientHost).toBe('/127.0.0.1')
  })

  it('asks for the permission to read the group', async () => {
    const { broker, ask } = await memoryBroker({
      topics: {},
      authorize: (operation, type, name) => `${operation} ${type} ${name}` !== 'Read Group readers',
    })
    Object.assign(broker, { groups: refusingGroups('NOT_COORDINATOR') })
    expect((await ask(joinGroup, 9, joining()).answered).errorCode).toBe(
      errorCode('GROUP_AUTHORIZATION_FAILED'),
    )
  })

  it('says an error without a protocol name in the form of each version', async () => {
    const { broker, ask } = await memoryBroker({ topics: {} })
    Object.assign(broker, { groups: refusingGroups('NOT_COORDINATOR') })
    for (let version = 0; version <= 9; version++) {
      const answer = await ask(joinGroup, version, joining('m')).answered
      expect(answer).toMatchObject({ errorCode: errorCode('NOT_COORDINATOR'), memberId: 'm' })
      expect(answer.protocolName).toBe(version < 7 ? '' : null)
    }
  })
})
