import { expect, it } from 'vitest'
import {
  isAboutControllers,
  isImplemented,
} from '../../../../packages/broker/src/config/implemented.ts'

it('knows which settings have an effect', () => {
  expect(isImplemented('broker', 'log.segment.bytes')).toBe(true)
  expect(isImplemented('broker', 'num.io.threads')).toBe(false)
  expect(isImplemented('topic', 'flush.mode')).toBe(true)
  expect(isImplemented('topic', 'toString')).toBe(false)
})

it('knows what only controllers need', () => {
  expect(isAboutControllers('controller.quorum.voters')).toBe(true)
  expect(isAboutControllers('log.dirs')).toBe(false)
})
