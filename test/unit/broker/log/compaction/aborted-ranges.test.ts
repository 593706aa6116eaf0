import { crc32c, RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { findAborted } from '../../../../../packages/broker/src/log/compaction/aborted-ranges.ts'
import { Pace } from '../../../../../packages/broker/src/log/compaction/pace.ts'
import { MemoryClock } from '../../../../../packages/broker/src/memory/clock.ts'
import { bytesOf, type TestBatch } from '../../../../support/compaction-log.ts'
import { diskWithFolder, segmentOf } from '../../../../support/log-parts.ts'

const records = (producerId: number): TestBatch => ({
  type: 'records',
  records: [{ key: 'k', value: 'v', timestamp: 1 }],
  ...{ producerId, isTransactional: true, baseSequence: 0 },
})
const end = (type: 'COMMIT' | 'ABORT', producerId: number): TestBatch => ({
  type,
  producerId,
  timestamp: 1,
})

it('knows which records belong to aborted transactions, wherever their markers lie', async () => {
  const log = [
    records(1),
    records(2),
    records(1),
    end('ABORT', 1),
    records(1),
    end('COMMIT', 2),
    end('COMMIT', 1),
    records(1),
  ].map((batch, offset) => bytesOf(batch, offset))
  const disk = await diskWithFolder()
  const segments = [
    segmentOf(disk, log.slice(0, 3)),
    segmentOf(disk, log.slice(3), { baseOffset: 3 }),
  ]
  const pace = new Pace(
    new MemoryClock({ now: 0 }),
    () => Number.MAX_VALUE,
    () => false,
  )
  const aborted = await findAborted(segments, 0, { crc32c, pace, readBytes: 1000 })
  const covered = log.map(bytes => aborted.cover(new RecordBatch(bytes)))
  expect(covered).toEqual([true, false, true, true, false, false, false, false])
})
