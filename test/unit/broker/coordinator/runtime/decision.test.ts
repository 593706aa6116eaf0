import { expect, it } from 'vitest'
import {
  answer,
  type Ticket,
} from '../../../../../packages/broker/src/coordinator/runtime/decision.ts'

it('an answer belongs to the request of its ticket, and one of another API does not compile', () => {
  const ticket: Ticket<{ readonly generationId: number }> = { number: 7 }
  const response = { generationId: 3 }
  expect(answer(ticket, response)).toEqual({ ticket, response })
  expect(answer(ticket, response).response).toBe(response)
  // @ts-expect-error The ticket is one of another response.
  answer(ticket, { memberEpoch: 3 })
})
