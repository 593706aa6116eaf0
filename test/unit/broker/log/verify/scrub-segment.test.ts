import { crc32c } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  framingFlaw,
  type ScrubbedSegment,
  scrubSegment,
} from '../../../../../packages/broker/src/log/verify/scrub-segment.ts'
import { diskWithFolder, FOLDER, singles, writeFile } from '../../../../support/log-parts.ts'

const PATH = `${FOLDER}/00000000000000000010.log`
const batches = singles(10, ['a', 'b', 'c'])
const [first] = batches as [Buffer]

async function scrubbed(bytes: Buffer, more: Partial<ScrubbedSegment> = {}) {
  const disk = await diskWithFolder()
  writeFile(disk, '00000000000000000010.log', bytes)
  const spent: number[] = []
  const segment = { path: PATH, baseOffset: 10, endOffset: 13, durableTo: 13 }
  const damage = await scrubSegment(
    { ...segment, sizeBytes: bytes.length, ...more },
    { disk, crc32c, spend: async bytes => void spent.push(bytes) },
  )
  // The one that wrote it.
  return { damage, spent, open: disk.openPaths.length - 1 }
}

const whole = () => Buffer.concat(batches)

it('finds nothing in a segment that is as it was, and says how much it has read', async () => {
  const { damage, spent, open } = await scrubbed(whole())
  expect(damage).toBeUndefined()
  expect(spent).toEqual([whole().length])
  expect(open).toBe(0)
})

it('finds a flipped byte, and says where', async () => {
  for (let at = 0; at < first.length; at++) {
    // The epoch of the first batch may be any: no checksum covers it, and nothing was before.
    if (at >= 12 && at < 16) continue
    const bytes = whole()
    const position = first.length + at
    bytes[position] = (bytes[position] ?? 0) ^ 0xff
    const { damage } = await scrubbed(bytes)
    expect([at, damage?.position]).toEqual([at, first.length])
    expect(damage?.offset).toBe(11)
  }
})

it('finds that the file is shorter than it was, but not what is not durable yet', async () => {
  const bytes = whole()
  const cut = bytes.subarray(0, first.length * 2)
  const { damage } = await scrubbed(cut, { sizeBytes: bytes.length })
  expect(damage).toEqual({ position: cut.length, offset: 12, about: 'the file ends here' })
  expect((await scrubbed(cut, { sizeBytes: bytes.length, durableTo: 12 })).damage).toBeUndefined()
  bytes[bytes.length - 1] = 0xff
  expect((await scrubbed(bytes, { durableTo: 12 })).damage).toBeUndefined()
})

it('takes gaps for those of compaction, but nothing for what belongs into the next segment', async () => {
  const gaps = Buffer.concat([...singles(11, ['a']), ...singles(15, ['b'])])
  expect((await scrubbed(gaps, { endOffset: 16, durableTo: 16 })).damage).toBeUndefined()
  expect((await scrubbed(gaps, { endOffset: 15, durableTo: 15 })).damage).toMatchObject({
    offset: 12,
  })
})

it('ends when nobody wants it any more, and leaves nothing open', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, '00000000000000000010.log', whole())
  const segment = { path: PATH, baseOffset: 10, endOffset: 13, durableTo: 13 }
  const spend = () => Promise.reject(new Error('enough'))
  await expect(
    scrubSegment({ ...segment, sizeBytes: whole().length }, { disk, crc32c, spend }),
  ).rejects.toThrow('enough')
  expect(disk.openPaths.length).toBe(1)
})

it('says why no batch begins somewhere', async () => {
  const disk = await diskWithFolder()
  const legacy = Buffer.alloc(30)
  legacy.writeInt32BE(18, 8)
  const later = Buffer.from(legacy)
  later[16] = 3
  writeFile(disk, 'x', Buffer.concat([legacy, Buffer.alloc(64), later, first.subarray(0, 62)]))
  const file = await disk.open(`${FOLDER}/x`, 'existing')
  expect(await framingFlaw(file, 0)).toBe('it is in message format 0 or 1')
  expect(await framingFlaw(file, 30)).toBe('no record batch begins here')
  expect(await framingFlaw(file, 94)).toBe('its format is not known')
  expect(await framingFlaw(file, 124)).toBe('its length goes beyond the file')
  expect(await framingFlaw(file, file.sizeBytes)).toBe('the file ends here')
})
