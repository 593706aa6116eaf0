import { crc32c, nodeCodecs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { FetchedRecords } from '../../../../packages/client/src/consumer/fetched-records.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import { batchOf } from '../../../support/record-batches.ts'

const fetchedAt = (baseOffset: number, values: readonly string[]) =>
  new FetchedRecords({
    topic: 't',
    partition: 0,
    bytes: batchOf({ values, baseOffset, partitionLeaderEpoch: 2 }),
    fetchOffset: baseOffset,
    endOffset: Number.POSITIVE_INFINITY,
    highWatermark: 10,
    abortedTransactions: [],
    codecs: nodeCodecs(),
    crc32c,
    decompressedBytesMax: 1000,
  })

const at = { topic: 't', partition: 0 }

describe('ReadPartition', () => {
  it('hands out behind what it fetches', () => {
    const partition = new ReadPartition(at, 5)
    partition.add(fetchedAt(5, ['a', 'b']))
    partition.add(fetchedAt(7, ['c']))
    expect(partition).toMatchObject({ position: 5, fetchOffset: 8, lastEpoch: 2 })
    partition.fetched[0]?.take()
    expect(partition.position).toBe(6)
    partition.fetched[0]?.take()
    partition.finishFetched()
    expect(partition.position).toBe(7)
  })

  it('drops what was fetched when it moves, and knows answers from before', () => {
    const partition = new ReadPartition(at, 5)
    partition.asked()
    expect(partition.isBeingFetched).toBe(true)
    partition.moveTo(2)
    expect(partition.isBeingFetched).toBe(false)
    partition.add(fetchedAt(2, ['a']))
    partition.moveTo('latest')
    expect(partition).toMatchObject({ target: 'latest', fetched: [] })
    partition.resolve(9)
    expect(partition).toMatchObject({ target: undefined, position: 9, fetchOffset: 9 })
  })

  it('goes back to its position when what was fetched cannot be used', () => {
    const partition = new ReadPartition(at, 5)
    partition.add(fetchedAt(5, ['a', 'b']))
    partition.fetched[0]?.take()
    partition.dropFetched()
    expect(partition).toMatchObject({ position: 6, fetchOffset: 6, fetched: [] })
  })

  it('is at its end when everything before it was handed out', () => {
    const partition = new ReadPartition(at, 5)
    expect(partition.isAtEnd).toBe(false)
    partition.endOffset = 5
    expect(partition.isAtEnd).toBe(true)
  })

  it('says that it is in trouble after five seconds, and every five seconds', () => {
    const partition = new ReadPartition(at, 5)
    const reports = [0, 4000, 5000, 6000, 10_001, 10_002].map(ms => partition.troubled(1000 + ms))
    expect(reports).toEqual([undefined, undefined, 5000, undefined, 10_001, undefined])
    partition.worked()
    expect(partition.troubled(20_000)).toBeUndefined()
  })
})
