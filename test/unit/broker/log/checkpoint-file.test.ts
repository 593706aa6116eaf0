import { describe, expect, it } from 'vitest'
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../../packages/broker/src/log/checkpoint-file.ts'

/** Written by Kafka's own class. */
const KAFKA = Buffer.from('300a320a746f7069632d6120302031370a746f7069632d622031322039390a', 'hex')

describe('a checkpoint file', () => {
  it('is the bytes that Kafka writes', () => {
    const entries = [
      { topic: 'topic-a', partition: 0, offset: 17 },
      { topic: 'topic-b', partition: 12, offset: 99 },
    ]
    expect(encodeCheckpoint(entries)).toEqual(KAFKA)
    expect(decodeCheckpoint(KAFKA)).toEqual(
      new Map([
        ['topic-a-0', 17],
        ['topic-b-12', 99],
      ]),
    )
  })

  it.each(['', '1\n0\n', '0\n2\na 0 1\n', '0\n1\na 0\n', '0\n1\na 0 -1\n'])(
    'is damaged when it says %j',
    text => {
      expect(decodeCheckpoint(Buffer.from(text))).toBeUndefined()
    },
  )
})
