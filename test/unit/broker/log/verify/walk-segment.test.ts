import { crc32c } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  type WalkedFlaw,
  walkSegment,
} from '../../../../../packages/broker/src/log/verify/walk-segment.ts'
import { diskWithFolder, FOLDER, singles, writeFile } from '../../../../support/log-parts.ts'

const batches = singles(0, ['a', 'b', 'c', 'd'])
const sizeBytes = batches[0]?.length ?? 0
const START = { segmentBaseOffset: 0, nextOffset: 0, leaderEpoch: -1, gapsTo: 0, endOffset: 100 }

async function walked(bytes: Uint8Array, says: 'go on' | 'stop' = 'go on') {
  const disk = await diskWithFolder()
  writeFile(disk, 'x', bytes)
  const passed: number[] = []
  const flaws: WalkedFlaw[] = []
  const end = await walkSegment(await disk.open(`${FOLDER}/x`, 'existing'), START, {
    crc32c,
    pass: batch => void passed.push(batch.baseOffset),
    flaw: flaw => {
      flaws.push(flaw)
      return says
    },
  })
  return { passed, flaws, nextOffset: end.nextOffset }
}

const damagedAt = (position: number): Buffer => {
  const bytes = Buffer.concat(batches)
  bytes[position] = (bytes[position] ?? 0) ^ 0xff
  return bytes
}

it('passes every batch of a segment that is whole', async () => {
  expect(await walked(Buffer.concat(batches))).toEqual({
    passed: [0, 1, 2, 3],
    flaws: [],
    nextOffset: 4,
  })
})

it('goes on behind a damaged batch, wherever it was hit', async () => {
  for (let at = 8; at < sizeBytes; at++) {
    // No checksum covers the epoch.
    if (at >= 12 && at < 16) continue
    const { passed, flaws } = await walked(damagedAt(sizeBytes + at))
    expect([at, passed]).toEqual([at, [0, 2, 3]])
    expect(flaws).toMatchObject([{ position: sizeBytes, offset: 1, followedBy: 'a batch' }])
  }
})

it('finds several damaged batches, and ends where it is told to', async () => {
  const bytes = damagedAt(sizeBytes + 65)
  bytes[sizeBytes * 2 + 65] = 0xff
  expect((await walked(bytes)).flaws.map(({ type, position }) => [type, position])).toEqual([
    ['checksum', sizeBytes],
    ['checksum', sizeBytes * 2],
  ])
  const stopped = await walked(bytes, 'stop')
  expect([stopped.passed, stopped.flaws.length]).toEqual([[0], 1])
})

it('tells a torn end from damage by what comes after it', async () => {
  const bytes = Buffer.concat([...batches, Buffer.from('rubbish')])
  expect((await walked(bytes)).flaws).toMatchObject([
    { type: 'framing', position: sizeBytes * 4, offset: 4, followedBy: 'nothing' },
  ])
  const cut = Buffer.concat(batches).subarray(0, sizeBytes * 3 + 30)
  expect((await walked(cut)).flaws).toMatchObject([{ type: 'framing', followedBy: 'nothing' }])
})

it('tells gaps and offsets that go back', async () => {
  const [a, b, c] = batches as [Buffer, Buffer, Buffer]
  expect((await walked(Buffer.concat([a, c]))).flaws).toMatchObject([{ type: 'gap', offset: 1 }])
  expect((await walked(Buffer.concat([a, b, a, c]))).flaws).toMatchObject([
    { type: 'offsets', position: sizeBytes * 2 },
  ])
})
