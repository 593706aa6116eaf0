import { expect, it } from 'vitest'
import { newDraft } from '../../../../../../packages/broker/src/coordinator/group/consumer/draft.ts'

it('a draft begins empty, whatever was written into the one before', () => {
  newDraft().timers.push({ cancel: 'a deadline' })
  expect(newDraft()).toEqual({ changes: [], answers: [], timers: [], work: [] })
})
