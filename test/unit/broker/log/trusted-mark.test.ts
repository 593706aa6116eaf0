import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { encodeProducerSnapshot } from '../../../../packages/broker/src/log/producer-snapshot.ts'
import {
  encodeRecoveryMark,
  RECOVERY_MARK_FILE,
} from '../../../../packages/broker/src/log/recovery-mark.ts'
import type { SegmentImage } from '../../../../packages/broker/src/log/segment-state.ts'
import { type MarkedLog, trustedMark } from '../../../../packages/broker/src/log/trusted-mark.ts'
import {
  diskWithFolder,
  FOLDER,
  producerEntry,
  segmentOf,
  singles,
  storedBatch,
  writeFile,
} from '../../../support/log-parts.ts'

const SEGMENT = '00000000000000000010.log'
const batches = singles(10, ['a', 'b', 'c'], { partitionLeaderEpoch: 4 })
const whole = Buffer.concat(batches)

/** A log with segments from 0 and from 10 on, the mark of which lies after the second batch of the later one. */
async function given(indexIntervalBytes = 0) {
  const disk = await diskWithFolder()
  const segment = segmentOf(disk, batches.slice(0, 2), { baseOffset: 10, indexIntervalBytes })
  const image = segment.image() as SegmentImage
  const producers = encodeProducerSnapshot([producerEntry], crc32c)
  const content = encodeRecoveryMark(12, image, producers, crc32c)
  writeFile(disk, RECOVERY_MARK_FILE, content)
  const ask = async (more: Partial<MarkedLog> = {}, bytes: Uint8Array = whole) => {
    writeFile(disk, SEGMENT, bytes)
    const log: MarkedLog = {
      ...{ directory: FOLDER, bases: [0, 10], snapshots: [10], latestEpoch: 4 },
      options: { recoveryPoint: 0, compactedTo: 0 },
      open: () => disk.open(`${FOLDER}/${SEGMENT}`, 'existing'),
      ...more,
    }
    return (await trustedMark(log, { disk, crc32c }))?.offset
  }
  return { disk, ask, content }
}

describe('a recovery mark is trusted', () => {
  it('when its segment goes on from there, or ends there', async () => {
    const { ask } = await given()
    expect(await ask()).toBe(12)
    expect(await ask({}, Buffer.concat(batches.slice(0, 2)))).toBe(12)
  })

  it('whether the recovery point lies before it or behind it, in its segment or an earlier one', async () => {
    const { ask } = await given()
    for (const recoveryPoint of [0, 9, 10, 11, 12, 13])
      expect(await ask({ options: { recoveryPoint, compactedTo: 0 } })).toBe(12)
  })

  it('but not of a segment that lies before the one in which the scan begins', async () => {
    const { ask } = await given()
    const bases = [0, 10, 13]
    expect(await ask({ bases, options: { recoveryPoint: 13, compactedTo: 0 } })).toBeUndefined()
    expect(await ask({ bases, options: { recoveryPoint: 12, compactedTo: 0 } })).toBe(12)
    // Its segment ended there, and the next one has begun.
    expect(await ask({ bases: [0, 10, 12] })).toBeUndefined()
  })

  it('not when its segment is gone', async () => {
    const { ask } = await given()
    expect(await ask({ bases: [0] })).toBeUndefined()
    expect(await ask({ bases: [20] })).toBeUndefined()
    expect(await ask({ bases: [] })).toBeUndefined()
  })

  it('not when the segment was compacted', async () => {
    const { ask } = await given()
    expect(await ask({ options: { recoveryPoint: 0, compactedTo: 10 } })).toBe(12)
    expect(await ask({ options: { recoveryPoint: 0, compactedTo: 11 } })).toBeUndefined()
  })

  it('not when the scan has to make a snapshot at the start of the segment', async () => {
    const { ask } = await given()
    expect(await ask({ snapshots: [0, 11] })).toBeUndefined()
    expect(await ask({ snapshots: [], bases: [10] })).toBe(12)
  })

  it('not when the epochs have to be found in the batches', async () => {
    const { ask } = await given()
    expect(await ask({ latestEpoch: 3 })).toBeUndefined()
    expect(await ask({ latestEpoch: -1 })).toBeUndefined()
    expect(await ask({ latestEpoch: 5 })).toBe(12)
  })

  it('not when the segment is shorter, or has another batch there', async () => {
    const { ask } = await given()
    const [a, b] = batches as [Buffer, Buffer]
    expect(await ask({}, a)).toBeUndefined()
    expect(await ask({}, Buffer.concat([a, b.subarray(0, -1)]))).toBeUndefined()
    const flipped = Buffer.from(whole)
    flipped.writeUInt8((flipped[a.length + b.length - 1] as number) ^ 1, a.length + b.length - 1)
    expect(await ask({}, flipped)).toBeUndefined()
    const other = storedBatch({ values: ['b'], baseOffset: 12, partitionLeaderEpoch: 4 })
    expect(await ask({}, Buffer.concat([a, other]))).toBeUndefined()
  })

  it('not when somebody has noted damage, or a checkpoint file is damaged', async () => {
    const { ask } = await given()
    const options = { recoveryPoint: 0, compactedTo: 0, isSuspect: true }
    expect(await ask({ options })).toBeUndefined()
  })

  it('not when the offsets or epochs of the batches before it do not follow', async () => {
    const { ask } = await given(4_096)
    const [a, b] = batches as [Buffer, Buffer]
    const gap = Buffer.concat([a, ...singles(11, ['b'], { partitionLeaderEpoch: 5 })])
    expect(await ask({}, gap)).toBeUndefined()
    const back = Buffer.from(b)
    back.writeInt32BE(3, 12)
    expect(await ask({}, Buffer.concat([a, back]))).toBeUndefined()
  })

  it('not when it cannot be read; when it cannot be opened just now, that is told', async () => {
    const { disk, ask } = await given()
    const isMark = (path: string) => path.endsWith(RECOVERY_MARK_FILE)
    disk.fault = (call, path) => (call === 'read' && isMark(path) ? 'EIO' : undefined)
    expect(await ask()).toBeUndefined()
    disk.fault = (call, path) => (call === 'read' && isMark(path) ? 'EMFILE' : undefined)
    await expect(ask()).rejects.toMatchObject({ isShortOfFiles: true })
  })

  it('not when it is damaged or missing', async () => {
    const { disk, ask, content } = await given()
    writeFile(disk, RECOVERY_MARK_FILE, content.subarray(1))
    expect(await ask()).toBeUndefined()
    await disk.remove(`${FOLDER}/${RECOVERY_MARK_FILE}`)
    expect(await ask()).toBeUndefined()
  })
})
