import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  decodeProducerSnapshot,
  encodeProducerSnapshot,
} from '../../../../packages/broker/src/log/producer-snapshot.ts'

/** Written by Kafka's own class: one producer with a batch and an open transaction, one with neither. */
const KAFKA = Buffer.from(
  '0001b47db27f00000002000000000000109200070000002900000000000003e6000000040000018bcfe568000000000000000000000003de' +
    '00000000000010930000ffffffffffffffffffffffff000000000000018bcfe568640000000fffffffffffffffff',
  'hex',
)

const entries = () =>
  decodeProducerSnapshot({ snapshot: KAFKA, sequences: undefined }, crc32c) ?? []

describe('a producer snapshot', () => {
  it('is read as Kafka wrote it, with the newest batch of each producer', () => {
    expect(entries()).toMatchObject([
      {
        producerId: 4242,
        producerEpoch: 7,
        batches: [{ firstSequence: 37, lastSequence: 41, baseOffset: 994, lastOffset: 998 }],
        sequencesKnown: 5,
        transactionFirstOffset: 990,
      },
      {
        producerId: 4243,
        producerEpoch: 0,
        batches: [],
        coordinatorEpoch: 15,
        transactionFirstOffset: -1,
      },
    ])
  })

  it('is written with the bytes that Kafka writes', () => {
    expect(encodeProducerSnapshot(entries(), crc32c).snapshot).toEqual(KAFKA)
  })

  it('is passed over when any byte of it is wrong', () => {
    for (let position = 0; position < KAFKA.length; position++) {
      const damaged = Buffer.from(KAFKA)
      damaged[position] = (damaged[position] as number) ^ 1
      expect(
        decodeProducerSnapshot({ snapshot: damaged, sequences: undefined }, crc32c),
      ).toBeUndefined()
    }
  })

  it('does not believe the sequences of another snapshot', () => {
    const { sequences } = encodeProducerSnapshot([], crc32c)
    expect(decodeProducerSnapshot({ snapshot: KAFKA, sequences }, crc32c)).toEqual(entries())
  })
})
