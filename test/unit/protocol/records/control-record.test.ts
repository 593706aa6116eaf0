import { describe, expect, it } from 'vitest'
import {
  buildControlBatch,
  buildTransactionMarker,
  controlRecordsOf,
  markerCoordinatorEpoch,
} from '../../../../packages/protocol/src/records/control-record.ts'
import { RecordBatch } from '../../../../packages/protocol/src/records/record-batch.ts'
import { modernVectors } from '../../../support/record-vectors.ts'

const vectorNamed = (name: string) => modernVectors.find(vector => vector.name === name)!

describe('control records', () => {
  for (const [name, type] of [
    ['v2-control-commit', 'COMMIT'],
    ['v2-control-abort', 'ABORT'],
  ] as const) {
    it(`reads and writes ${name} byte for byte`, () => {
      const { hex } = vectorNamed(name)
      const batch = new RecordBatch(Buffer.from(hex, 'hex'))
      const [record, ...others] = controlRecordsOf(batch)
      expect([record!.type, others.length]).toEqual([type, 0])
      const coordinatorEpoch = markerCoordinatorEpoch(record!)!
      expect(coordinatorEpoch).toBe(type === 'COMMIT' ? 15 : 0)
      const {
        producerId,
        producerEpoch,
        maxTimestamp: timestamp,
        baseOffset,
        partitionLeaderEpoch,
      } = batch
      const built = buildTransactionMarker(
        { type, producerId, producerEpoch, coordinatorEpoch, timestamp },
        { baseOffset, partitionLeaderEpoch },
      )
      expect(built.toString('hex')).toBe(hex)
    })
  }

  it('reads and writes a leader change, whose value it does not look into', () => {
    const { hex } = vectorNamed('v2-control-leader-change')
    const batch = new RecordBatch(Buffer.from(hex, 'hex'))
    const [record] = controlRecordsOf(batch)
    expect(record!.type).toBe('LEADER_CHANGE')
    expect(markerCoordinatorEpoch(record!)).toBeUndefined()
    const built = buildControlBatch({
      type: 'LEADER_CHANGE',
      value: record!.value!,
      timestamp: batch.maxTimestamp,
      partitionLeaderEpoch: batch.partitionLeaderEpoch,
    })
    expect(built.toString('hex')).toBe(hex)
  })

  it('has no type for one of a later version', () => {
    const bytes = Buffer.from(vectorNamed('v2-control-commit').hex, 'hex')
    const at = bytes.indexOf(Buffer.from('0800000001', 'hex'))
    bytes.writeInt16BE(99, at + 3)
    expect(controlRecordsOf(new RecordBatch(bytes))[0]!.type).toBeUndefined()
  })
})
