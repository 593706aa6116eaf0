import { CreateTopics, DescribeCluster, Fetch, InitProducerId, Metadata } from '@varve/protocol'
import { expect, it } from 'vitest'
import { failureAnswer } from '../../../../packages/broker/src/server/failure-answer.ts'

it('answers an unexpected failure where the response has a place for an error, and nowhere else', () => {
  expect(failureAnswer(InitProducerId, 4)).toMatchObject({ errorCode: -1, producerId: -1 })
  expect(failureAnswer(DescribeCluster, 0)).toMatchObject({ errorCode: -1, brokers: [] })
  expect(failureAnswer(CreateTopics, 5)).toBeUndefined()
})

it('gives no answer in a version that would not tell of the error', () => {
  expect(failureAnswer(Fetch, 7)).toMatchObject({ errorCode: -1 })
  expect(failureAnswer(Fetch, 6)).toBeUndefined()
  expect(failureAnswer(Metadata, 12)).toBeUndefined()
  // The error as a whole came with version 7 (KIP-227).
  expect(failureAnswer(Fetch, 6)).toBeUndefined()
  expect(failureAnswer(Fetch, 7)).toMatchObject({ errorCode: -1 })
})
