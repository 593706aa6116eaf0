import { ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { FetchSession } from '../../../../packages/client/src/consumer/fetch-session.ts'

const item = (partition: number, fetchOffset = 0, topicId = 'AAAAAAAAAAAAAAAAAAAAAg') => ({
  topic: 't',
  topicId,
  partition,
  fetchOffset,
  currentLeaderEpoch: 0,
  partitionMaxBytes: 100,
})

const asked = (part: ReturnType<FetchSession['next']>) => ({
  session: [part.sessionId, part.sessionEpoch],
  partitions: part.topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)),
  forgotten: (part.forgottenTopicsData ?? []).flatMap(({ partitions }) => partitions),
})

describe('FetchSession', () => {
  it('asks for everything first, then only for what changed', () => {
    const session = new FetchSession()
    expect(asked(session.next([item(0), item(1)]))).toEqual({
      session: [0, 0],
      partitions: [0, 1],
      forgotten: [],
    })
    session.answered(77)
    expect(asked(session.next([item(0), item(1)]))).toEqual({
      session: [77, 1],
      partitions: [],
      forgotten: [],
    })
    session.answered(77)
    expect(asked(session.next([item(0, 5), item(2)]))).toEqual({
      session: [77, 2],
      partitions: [0, 2],
      forgotten: [1],
    })
  })

  it('asks for everything each time when the broker keeps no session', () => {
    const session = new FetchSession()
    session.next([item(0)])
    session.answered(0)
    expect(asked(session.next([item(0)]))).toEqual({
      session: [0, 0],
      partitions: [0],
      forgotten: [],
    })
  })

  it('begins anew after something went wrong, and ends the old session at the broker', () => {
    const session = new FetchSession()
    session.next([item(0)])
    session.answered(77)
    session.reset()
    expect(asked(session.next([item(0)]))).toEqual({
      session: [77, 0],
      partitions: [0],
      forgotten: [],
    })
    session.answered(78)
    expect(asked(session.next([item(0)])).session).toEqual([78, 1])
  })

  it('names topics by id only when it knows all ids, and never changes within a session (KIP-516)', () => {
    const session = new FetchSession()
    expect(session.next([item(0)]).newestVersion).toBe(18)
    session.answered(77)
    const byName = session.next([item(0), item(1, 0, ZERO_UUID)])
    expect(byName.newestVersion).toBe(12)
    expect(asked(byName)).toMatchObject({ session: [77, 0], partitions: [0, 1] })
  })
})
