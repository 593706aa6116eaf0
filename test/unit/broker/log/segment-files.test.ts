import { describe, expect, it } from 'vitest'
import {
  parsePartitionFolderName,
  parseSegmentFileName,
  partitionFolderName,
  segmentFileName,
} from '../../../../packages/broker/src/log/segment-files.ts'

describe('the name of a segment file', () => {
  it.each([
    [0, 'log', '00000000000000000000.log'],
    [1000, 'index', '00000000000000001000.index'],
    [1000, 'timeindex', '00000000000000001000.timeindex'],
    [1000, 'txnindex', '00000000000000001000.txnindex'],
    [1000, 'snapshot', '00000000000000001000.snapshot'],
    [Number.MAX_SAFE_INTEGER, 'sequences', '00009007199254740991.sequences'],
  ] as const)('of offset %i and kind %s is %s', (offset, kind, name) => {
    expect(segmentFileName(offset, kind)).toBe(name)
    expect(parseSegmentFileName(name)).toEqual({ offset, kind })
  })

  it.each([
    '0.log',
    '000000000000000000000.log',
    '00000000000000000000.log.deleted',
    '00000000000000000000.log.100.torn',
    '00000000000000000000.txt',
    '0000000000000000000x.log',
    'partition.metadata',
    '00009007199254740993.log',
    '',
  ])('is not %s', name => {
    expect(parseSegmentFileName(name)).toBeUndefined()
  })
})

describe('the name of a partition folder', () => {
  it.each([
    ['orders', 0, 'orders-0'],
    ['a-1', 12, 'a-1-12'],
    ['a.b_c', 2_147_483_647, 'a.b_c-2147483647'],
  ])('of %s and partition %i is %s', (topic, partition, name) => {
    expect(partitionFolderName(topic, partition)).toBe(name)
    expect(parsePartitionFolderName(name)).toEqual({ topic, partition })
  })

  it.each([
    'orders',
    '-0',
    'orders-',
    'orders-0.5f-delete',
    'orders-0.stray',
    'orders-12345678901',
  ])('is not %s', name => {
    expect(parsePartitionFolderName(name)).toBeUndefined()
  })
})
