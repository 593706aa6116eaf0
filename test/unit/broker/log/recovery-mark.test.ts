import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { encodeProducerSnapshot } from '../../../../packages/broker/src/log/producer-snapshot.ts'
import {
  decodeRecoveryMark,
  encodeRecoveryMark,
} from '../../../../packages/broker/src/log/recovery-mark.ts'
import type { SegmentImage } from '../../../../packages/broker/src/log/segment-state.ts'
import { diskWithFolder, producerEntry, segmentOf, singles } from '../../../support/log-parts.ts'

const aborted = { producerId: 7, firstOffset: 10, lastOffset: 12, lastStableOffset: 12 }

/** A segment from offset 10 on, and its mark. */
async function given() {
  const disk = await diskWithFolder()
  const batches = singles(10, ['a', 'b', 'c'], { timestamp: 4_000 })
  const segment = segmentOf(disk, batches, { baseOffset: 10 })
  segment.transactions.add(aborted)
  const image = segment.image() as SegmentImage
  const content = encodeRecoveryMark(
    13,
    image,
    encodeProducerSnapshot([producerEntry], crc32c),
    crc32c,
  )
  return { segment, image, content }
}

function imageIn(content: Buffer): SegmentImage {
  const mark = decodeRecoveryMark(content, crc32c)
  if (mark === undefined) throw new Error('The mark is damaged.')
  return mark.segment
}

describe('a recovery mark', () => {
  it('holds all that is known of the log at its offset', async () => {
    const { segment, content } = await given()
    const mark = decodeRecoveryMark(content, crc32c)
    expect(mark).toMatchObject({ offset: 13, producers: [producerEntry] })
    expect(mark?.segment).toMatchObject({
      ...{ baseOffset: 10, sizeBytes: segment.sizeBytes, firstTimestamp: 4_000 },
      ...{ maxTimestamp: 4_000, offsetOfMaxTimestamp: 10 },
    })
    const { offsets, times, transactions } = imageIn(content)
    expect(offsets.file.content).toEqual(segment.indexes?.offsets.file.content)
    expect(times.file.content).toEqual(segment.indexes?.times.file.content)
    expect(transactions.entries()).toEqual([aborted])
  })

  it('does not take the index files for written', async () => {
    const { content } = await given()
    const { offsets, times, transactions } = imageIn(content)
    for (const { file } of [offsets, times, transactions])
      expect(file.unwritten()).toEqual({ position: 0, content: file.content })
  })

  it('does not change when the segment goes on', async () => {
    const { segment, content } = await given()
    const before = Buffer.from(content)
    segment.transactions.add({ ...aborted, lastOffset: 14 })
    expect(content).toEqual(before)
  })

  it('says nothing when a bit of it is wrong, or something is missing or left over', async () => {
    const { content } = await given()
    for (let at = 0; at < content.length; at++) {
      const flipped = Buffer.from(content)
      flipped.writeUInt8((content[at] as number) ^ 0x10, at)
      expect([at, decodeRecoveryMark(flipped, crc32c)]).toEqual([at, undefined])
      expect(decodeRecoveryMark(content.subarray(0, at), crc32c)).toBeUndefined()
    }
    expect(decodeRecoveryMark(Buffer.concat([content, Buffer.of(0)]), crc32c)).toBeUndefined()
  })
})
