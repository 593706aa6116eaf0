import { describe, expect, it } from 'vitest'
import {
  type ConsumerOptions,
  consumerSettings,
  startPosition,
} from '../../../../packages/client/src/consumer/options.ts'

const refused = (options: object) => () => consumerSettings(options as ConsumerOptions)

describe('consumerSettings', () => {
  it('completes what is left out', () => {
    expect(consumerSettings({ topics: ['a'] })).toMatchObject({
      autoOffsetReset: 'latest',
      isolationLevel: 'read_uncommitted',
      stopAtEnd: false,
      checkCrcs: true,
      maxWaitMs: 500,
    })
  })

  it('refuses what cannot work, by name', () => {
    expect(refused({ topics: ['a'], assignments: [{ topic: 'a', partition: 0 }] })).toThrow(
      'both given',
    )
    expect(refused({ assignments: [{ topic: '', partition: 0 }] })).toThrow(
      'assignments.topic is ""',
    )
    expect(refused({ assignments: [{ topic: 'a', partition: -1 }] })).toThrow(
      'assignments.partition is -1',
    )
    expect(refused({ assignments: [{ topic: 'a', partition: 0, offset: -5 }] })).toThrow(
      'assignments.offset is -5',
    )
    expect(refused({ topics: ['a'], groupid: 'g' } as never)).toThrow('there is no option groupid')
    expect(refused({ topics: ['a'], maxWaitMs: 0 })).toThrow('maxWaitMs is 0')
  })

  it.each([
    [{ topics: 'orders' }, 'topics is "orders"; expected a list of names of topics'],
    [{ topics: ['a', 7] }, 'topics is ["a",7]'],
    [{ topics: [''] }, 'topics is [""]'],
    [{ assignments: { topic: 'a', partition: 0 } }, 'expected a list of partitions'],
    [{ topics: ['a'], signal: {} }, 'signal is {}; expected an AbortSignal'],
  ])('refuses %o, which is of the wrong type', (options, message) => {
    expect(refused(options)).toThrow(message)
  })

  it('refuses to read a partition twice, and partitions beside a pattern', () => {
    const assignments = [{ topic: 'a', partition: 0 }]
    expect(refused({ assignments: [...assignments, ...assignments] })).toThrow('a-0 is named twice')
    const group = { groupId: 'g', groupProtocol: 'consumer', topicPattern: 'a' }
    expect(refused({ ...group, assignments })).toThrow('topicPattern and assignments')
  })

  it('takes a topic that is named twice once', () => {
    expect(consumerSettings({ topics: ['a', 'b', 'a'] }).topics).toEqual(['a', 'b'])
  })
})

describe('startPosition', () => {
  it('takes offsets, ends by both their names, and times', () => {
    const positions = [0, 'beginning', 'earliest', 'end', 'latest', { timestamp: 5 }] as const
    expect(positions.map(position => startPosition('position', position))).toEqual([
      0,
      'earliest',
      'earliest',
      'latest',
      'latest',
      { timestamp: 5 },
    ])
    for (const position of [-1, 1.5, 'first', null, { timestamp: 'now' }]) {
      expect(() => startPosition('position', position as never)).toThrow('position is')
    }
  })
})
