import { expect, it } from 'vitest'
import { loadConfig } from '../../../../../packages/broker/src/config/load.ts'
import {
  offsetsCompression,
  offsetsTopic,
} from '../../../../../packages/broker/src/coordinator/group/offsets-topic.ts'

it('is made as Kafka makes it', () => {
  const { settings } = loadConfig({})
  expect(offsetsTopic(settings)).toEqual({
    name: '__consumer_offsets',
    numPartitions: 50,
    replicationFactor: 1,
    assignments: [],
    configs: [
      { name: 'compression.type', value: 'producer' },
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'segment.bytes', value: '104857600' },
    ],
  })
  expect(offsetsCompression(settings)).toBe('none')
})

it('follows the settings', () => {
  const { settings } = loadConfig({
    overrides: [
      'offsets.topic.num.partitions=7',
      'offsets.topic.segment.bytes=2000000',
      'offsets.topic.compression.codec=3',
    ],
  })
  expect(offsetsTopic(settings)).toMatchObject({ numPartitions: 7 })
  expect(offsetsTopic(settings).configs).toContainEqual({ name: 'segment.bytes', value: '2000000' })
  expect(offsetsCompression(settings)).toBe('lz4')
})
