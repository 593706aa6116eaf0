import { describe, expect, it } from 'vitest'
import { ConnectionError, ProtocolError } from '../../../../packages/client/src/errors.ts'
import { ProducerBatch } from '../../../../packages/client/src/producer/batch.ts'
import {
  isRefusedAtTheDoor,
  leavesDoubt,
  verdictOf,
} from '../../../../packages/client/src/producer/verdict.ts'

const batch = new ProducerBatch({
  topic: 't',
  partition: 0,
  createdAt: 0,
  deadline: 1,
  firstNumber: 0,
})
const answer = (errorCode: number, more: object = {}) =>
  ({
    index: 0,
    errorCode,
    baseOffset: 7,
    logAppendTimeMs: -1,
    recordErrors: [],
    errorMessage: null,
    ...more,
  }) as never

describe('verdictOf', () => {
  it('takes a repetition that the broker no longer remembers as appended somewhere', () => {
    expect(verdictOf(batch, answer(0))).toMatchObject({ type: 'appended', baseOffset: 7 })
    expect(verdictOf(batch, answer(46))).toEqual({
      type: 'appended',
      baseOffset: -1,
      logAppendTimeMs: -1,
    })
  })

  it('names the record that the broker names (KIP-467)', () => {
    const recordErrors = [{ batchIndex: 3, batchIndexErrorMessage: 'no key' }]
    const verdict = verdictOf(batch, answer(87, { recordErrors }))
    expect(verdict.type === 'refused' && verdict.error.message).toContain(
      'record 3 of the batch: no key',
    )
    expect(verdictOf(batch, undefined)).toMatchObject({
      type: 'refused',
      error: { code: 'CONNECTION_FAILED' },
    })
  })
})

describe('a refusal', () => {
  it('leaves doubt unless the broker certainly has nothing of the batch', () => {
    const of = (
      name:
        | 'INVALID_RECORD'
        | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
        | 'NOT_LEADER_OR_FOLLOWER'
        | 'REQUEST_TIMED_OUT',
    ) => new ProtocolError(name, 'x')
    expect([of('INVALID_RECORD'), of('OUT_OF_ORDER_SEQUENCE_NUMBER')].map(leavesDoubt)).toEqual([
      false,
      false,
    ])
    // A leader that loses its office after the append and before the acknowledgement says that it is not the leader.
    expect(
      [of('NOT_LEADER_OR_FOLLOWER'), of('REQUEST_TIMED_OUT'), new ConnectionError('x')].map(
        leavesDoubt,
      ),
    ).toEqual([true, true, true])
    expect([of('INVALID_RECORD'), of('REQUEST_TIMED_OUT')].map(isRefusedAtTheDoor)).toEqual([
      true,
      false,
    ])
  })
})
