import { crc32c, RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { encodeProducerSnapshot } from '../../../../../packages/broker/src/log/producer-snapshot.ts'
import { openProducerCheck } from '../../../../../packages/broker/src/log/verify/snapshot-check.ts'
import { diskWithFolder, FOLDER, storedBatch, writeFile } from '../../../../support/log-parts.ts'

const name = (offset: number, kind = 'snapshot'): string =>
  `${String(offset).padStart(20, '0')}.${kind}`
const batchAt = (offset: number) => ({
  ...{ firstSequence: offset, lastSequence: offset, baseOffset: offset, lastOffset: offset },
  timestamp: 1000,
})
const filesOf = (...offsets: number[]) => {
  const entry = { producerId: 1, producerEpoch: 0, batches: offsets.map(batchAt) }
  const rest = { lastTimestamp: 1000, coordinatorEpoch: -1, transactionFirstOffset: -1, sweep: 0 }
  return encodeProducerSnapshot([{ ...entry, ...rest, sequencesKnown: offsets.length }], crc32c)
}
const snapshotOf = (lastOffset: number) => filesOf(lastOffset).snapshot

async function allFlaws(
  segmentBase: number,
  snapshots: ReadonlyMap<number, Buffer>,
  sequences: ReadonlyMap<number, Buffer> = new Map(),
  cleanedTo = 0,
) {
  const disk = await diskWithFolder()
  for (const [offset, content] of snapshots) writeFile(disk, name(offset), content)
  for (const [offset, content] of sequences) writeFile(disk, name(offset, 'sequences'), content)
  const files = new Map([['snapshot' as const, [...snapshots.keys()]]])
  const check = await openProducerCheck(
    { directory: FOLDER, files, first: segmentBase },
    { cleanedTo },
    { disk, crc32c },
  )
  for (let offset = segmentBase; offset < 5; offset++) {
    check.reach(offset)
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: offset }
    check.pass(new RecordBatch(storedBatch({ values: ['a'], baseOffset: offset, ...producer })))
  }
  check.reach(5)
  return check.flaws
}

const flaws = async (...given: Parameters<typeof allFlaws>) =>
  (await allFlaws(...given)).map(({ offset }) => offset)

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

it('holds the sequences beside a snapshot against it and against the replay (ADR 7)', async () => {
  const at = 5
  const abouts = async (sequences: Buffer) =>
    (await allFlaws(0, new Map([[at, snapshotOf(4)]]), new Map([[at, sequences]]))).map(
      ({ of, about }) => `${of}: ${about}`,
    )
  for (const known of [[0, 1, 2, 3, 4], [2, 3, 4], [4]])
    expect(await abouts(filesOf(...known).sequences)).toEqual([])
  expect(await abouts(filesOf(1, 3, 4).sequences)).toEqual([
    'sequences: It does not know the record batch of producer 1 at offset 2 with the sequences 2 to 2.',
  ])
  expect(await abouts(filesOf(4).sequences.fill(9, 20))).toEqual([
    'sequences: It is damaged: its checksum is wrong.',
  ])
  expect(await abouts(filesOf(3).sequences)).toEqual([
    'sequences: It does not belong to the snapshot beside it, whose checksum is another.',
  ])
})

it('begins with the sequences where the log begins, too', async () => {
  const snapshots = new Map([
    [2, snapshotOf(1)],
    [5, snapshotOf(4)],
  ])
  const known = filesOf(0, 1, 2, 3, 4).sequences
  const begin = filesOf(0, 1).sequences
  expect(
    await flaws(
      2,
      snapshots,
      new Map([
        [2, begin],
        [5, known],
      ]),
    ),
  ).toEqual([])
})

it('judges nothing by batches that compaction may have taken', async () => {
  const cleaned = (cleanedTo: number, sequences = filesOf(1, 7).sequences) => {
    // The batch at offset 7 is not there any more, and the snapshot knows it.
    const snapshots = new Map([[3, snapshotOf(7)]])
    return flaws(0, snapshots, new Map([[3, sequences]]), cleanedTo)
  }
  expect(await cleaned(0)).toEqual([3])
  expect(await cleaned(3)).toEqual([3])
  expect(await cleaned(4)).toEqual([])
  // What is damaged is so without them.
  expect(await cleaned(4, filesOf(4).sequences.fill(9, 20))).toEqual([3])
  expect(await flaws(0, new Map([[3, snapshotOf(2).fill(0, 20)]]), new Map(), 4)).toEqual([3])
})
