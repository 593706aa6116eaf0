import { buildTransactionMarker } from '@varve/protocol'
import { expect, it } from 'vitest'
import { AbortedTransactions } from '../../../../packages/broker/src/log/aborted-transactions.ts'
import { Segment } from '../../../../packages/broker/src/log/segment.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  diskWithFolder,
  FOLDER,
  identity,
  loadToolsOf,
  segmentOf,
  storedBatch,
  writeFile,
} from '../../../support/log-parts.ts'

const records = (baseOffset: number, producerId: number, baseSequence: number): Buffer =>
  storedBatch({
    ...{ values: ['x'], baseOffset, producerId, producerEpoch: 0, baseSequence },
    isTransactional: true,
  })
const end = (baseOffset: number, producerId: number, type: 'ABORT' | 'COMMIT'): Buffer =>
  buildTransactionMarker(
    { type, producerId, producerEpoch: 0, coordinatorEpoch: 5, timestamp: 1000 },
    { baseOffset, partitionLeaderEpoch: 0 },
  )

/** 8 begins first and ends last. */
const first = [records(0, 8, 0), records(1, 7, 0), end(2, 7, 'ABORT'), records(3, 7, 1)]
const second = [end(4, 7, 'COMMIT'), records(5, 8, 1), end(6, 8, 'ABORT'), records(7, 9, 0)]
const of7 = { producerId: 7, firstOffset: 1, lastOffset: 2, lastStableOffset: 0 }
const of8 = { producerId: 8, firstOffset: 0, lastOffset: 6, lastStableOffset: 7 }

/** The log with its indexes in memory, or in files, of which there are those given. */
async function given(indexes: 'in memory' | Readonly<Record<string, Buffer | string>>) {
  const disk = await diskWithFolder()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  const segments = [segmentOf(disk, first), segmentOf(disk, second, { baseOffset: 4 })] as const
  if (indexes === 'in memory') {
    segments[0].transactions.add(of7)
    segments[1].transactions.add(of8)
  } else
    for (const [name, content] of Object.entries(indexes))
      writeFile(disk, name, Buffer.from(content))
  const reopened = segments.map(({ baseOffset, sizeBytes }) => {
    return new Segment(disk, FOLDER, { baseOffset, sizeBytes, createdMs: 500, isNew: 'no' })
  })
  const list = new SegmentList(disk, FOLDER, indexes === 'in memory' ? segments : reopened)
  const world = quietWorld(disk)
  return { aborted: new AbortedTransactions(identity, list, loadToolsOf(world)), world }
}

it('are found at once in the indexes in memory, by their first offset', async () => {
  const { aborted } = await given('in memory')
  expect(aborted.between(0, 8)).toEqual([of8, of7])
  expect(aborted.between(3, 6)).toEqual([of8])
  expect(aborted.between(7, 8)).toEqual([])
})

it('are built again from the batches where an index is damaged, and said so once', async () => {
  const damaged = 'half an entry'
  const { aborted, world } = await given({
    '00000000000000000000.txnindex': damaged,
    '00000000000000000004.txnindex': damaged,
  })
  expect(await aborted.between(0, 8)).toEqual([of8, of7])
  expect(world.warnings).toHaveLength(2)
  expect(aborted.between(0, 8)).toEqual([of8, of7])
  expect(world.warnings).toHaveLength(2)
})

it('are none where nothing lies beside the segments', async () => {
  const { aborted, world } = await given({})
  expect(aborted.mayHave(0)).toBe(true)
  expect(await aborted.between(0, 8)).toEqual([])
  expect(world.warnings).toEqual([])
  expect(aborted.mayHave(0)).toBe(false)
})

it('may be where no index was read yet, or one has them, and not behind it', async () => {
  const { aborted } = await given({ '00000000000000000000.txnindex': 'half an entry' })
  expect([aborted.mayHave(0), aborted.mayHave(4)]).toEqual([true, true])
  expect(await aborted.between(0, 8)).toEqual([of7])
  expect([aborted.mayHave(3), aborted.mayHave(4)]).toEqual([true, false])
})
