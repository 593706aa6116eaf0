import { expect, it } from 'vitest'
import { fetchesAtRest } from '../../../../packages/client/src/consumer/broker-fetches.ts'

it('the fetches from each broker have a session of their own', () => {
  const [one, other] = [fetchesAtRest(), fetchesAtRest()]
  expect(one).toMatchObject({ isAsking: false, isAskingAside: false, failures: 0, retryAt: 0 })
  expect(one.session).not.toBe(other.session)
})
