import { crc32c, RecordBatch, recordsOf } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  CONTROL_TYPE,
  controlTypeOf,
  leaderChangeBatch,
  snapshotFooterBatch,
  snapshotHeaderBatch,
} from '../../../../packages/broker/src/metadata/control-batch.ts'

const place = { baseOffset: 5, leaderEpoch: 9, timestamp: 1_700_000_000_000 }

it('writes the leader change as Kafka does', () => {
  const batch = new RecordBatch(leaderChangeBatch(1, place))
  expect([
    batch.isControl,
    batch.baseOffset,
    batch.partitionLeaderEpoch,
    batch.crcIsValid(crc32c),
  ]).toEqual([true, 5, 9, true])
  const [record] = recordsOf(batch)
  expect(record?.key?.toString('hex')).toBe('00000002')
  expect(record?.value?.toString('hex')).toBe('00000000000102000000010002000000010000')
})

it('frames a snapshot with a header that has its time, and a footer', () => {
  const [header] = recordsOf(new RecordBatch(snapshotHeaderBatch(258, place)))
  const [footer] = recordsOf(new RecordBatch(snapshotFooterBatch(place)))
  expect(header?.value?.toString('hex')).toBe('0000000000000000010200')
  expect(footer?.value?.toString('hex')).toBe('000000')
  expect(controlTypeOf(header?.key ?? null)).toBe(CONTROL_TYPE.SNAPSHOT_HEADER)
  expect(controlTypeOf(footer?.key ?? null)).toBe(CONTROL_TYPE.SNAPSHOT_FOOTER)
  expect(controlTypeOf(null)).toBeUndefined()
})
