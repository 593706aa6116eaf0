import { describe, expect, it } from 'vitest'
import { unfenced } from '../../../../packages/broker/src/handlers/unfenced.ts'

describe('an error for clients from before KIP-588', () => {
  it('calls a fenced producer one with a wrong epoch', () => {
    expect(unfenced('PRODUCER_FENCED')).toBe('INVALID_PRODUCER_EPOCH')
  })

  it('is otherwise what it is for everybody', () => {
    for (const error of [
      'NONE',
      'CONCURRENT_TRANSACTIONS',
      'TRANSACTION_COORDINATOR_FENCED',
    ] as const)
      expect(unfenced(error)).toBe(error)
  })
})
