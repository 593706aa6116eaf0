import { crc32c, RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { encodeProducerSnapshot } from '../../../../../packages/broker/src/log/producer-snapshot.ts'
import { openProducerCheck } from '../../../../../packages/broker/src/log/verify/snapshot-check.ts'
import { diskWithFolder, FOLDER, storedBatch, writeFile } from '../../../../support/log-parts.ts'

const name = (offset: number): string => `${String(offset).padStart(20, '0')}.snapshot`
const snapshotOf = (lastOffset: number) => {
  const newest = {
    firstSequence: lastOffset,
    lastSequence: lastOffset,
    baseOffset: lastOffset,
    lastOffset,
    timestamp: 1000,
  }
  const entry = { producerId: 1, producerEpoch: 0, batches: [newest], sequencesKnown: 1 }
  const rest = { lastTimestamp: 1000, coordinatorEpoch: -1, transactionFirstOffset: -1, sweep: 0 }
  return encodeProducerSnapshot([{ ...entry, ...rest }], crc32c).snapshot
}

async function flaws(segmentBase: number, snapshots: ReadonlyMap<number, Buffer>) {
  const disk = await diskWithFolder()
  for (const [offset, content] of snapshots) writeFile(disk, name(offset), content)
  const folder = {
    segments: [{ baseOffset: segmentBase, name: '' }],
    files: new Map([['snapshot' as const, [...snapshots.keys()]]]),
    ...{ leftovers: [], damaged: [] },
  }
  const check = await openProducerCheck(FOLDER, folder, { cleanedTo: 0 }, { disk, crc32c })
  for (let offset = segmentBase; offset < 5; offset++) {
    check.reach(offset)
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: offset }
    check.pass(new RecordBatch(storedBatch({ values: ['a'], baseOffset: offset, ...producer })))
  }
  check.reach(5)
  return check.flaws.map(({ offset }) => offset)
}

it('holds each snapshot against the replay where it was taken', async () => {
  expect(
    await flaws(
      0,
      new Map([
        [2, snapshotOf(1)],
        [5, snapshotOf(4)],
      ]),
    ),
  ).toEqual([])
  expect(
    await flaws(
      0,
      new Map([
        [2, snapshotOf(1)],
        [5, snapshotOf(3)],
      ]),
    ),
  ).toEqual([5])
})

it('finds a damaged snapshot', async () => {
  expect(await flaws(0, new Map([[2, snapshotOf(1).fill(0, 20)]]))).toEqual([2])
})

it('begins with the snapshot where the log begins, and says nothing of older ones', async () => {
  expect(
    await flaws(
      3,
      new Map([
        [1, snapshotOf(9)],
        [3, snapshotOf(2)],
        [5, snapshotOf(4)],
      ]),
    ),
  ).toEqual([])
})
