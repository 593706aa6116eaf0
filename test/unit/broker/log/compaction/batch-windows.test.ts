import { crc32c } from '@varve/protocol'
import { expect, it } from 'vitest'
import { batchesFrom } from '../../../../../packages/broker/src/log/compaction/batch-windows.ts'
import { Pace } from '../../../../../packages/broker/src/log/compaction/pace.ts'
import { MemoryClock } from '../../../../../packages/broker/src/memory/clock.ts'
import { diskWithFolder, segmentOf, singles } from '../../../../support/log-parts.ts'

const tools = (readBytes: number) => ({
  crc32c,
  readBytes,
  pace: new Pace(
    new MemoryClock({ now: 0 }),
    () => Number.MAX_VALUE,
    () => false,
  ),
})

it.each([1, 100, 200, 5000])(
  'gives every batch, whatever fits into a window of %i bytes',
  async readBytes => {
    const batches = singles(0, ['a', 'bb', 'c'.repeat(300), 'd'])
    const segment = segmentOf(await diskWithFolder(), batches)
    const found: number[] = []
    let last = 0
    for await (const { batch, endPosition } of batchesFrom(segment, 0, tools(readBytes))) {
      found.push(batch.baseOffset)
      last = endPosition
    }
    expect([found, last]).toEqual([[0, 1, 2, 3], segment.sizeBytes])
  },
)

it.each([50, 5000])(
  'throws at a batch whose checksum is wrong, and at one that is cut off',
  async readBytes => {
    const batches = singles(0, ['a', 'b'])
    const damaged = Buffer.concat(batches)
    damaged[damaged.length - 2] = 0xff
    const disk = await diskWithFolder()
    const segment = segmentOf(disk, batches)
    const file = await segment.open()
    file.writeNow(0, [damaged])
    const read = async () => {
      for await (const _ of batchesFrom(segment, 0, tools(readBytes)));
    }
    await expect(read()).rejects.toThrow('no valid batch')
    file.writeNow(0, batches)
    file.truncateNow(damaged.length - 3)
    await expect(read()).rejects.toThrow('no valid batch')
  },
)
