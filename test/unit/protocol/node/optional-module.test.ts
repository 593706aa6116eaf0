import { expect, it } from 'vitest'
import { optionalModule } from '../../../../packages/protocol/src/node/optional-module.ts'

it('optionalModule gives what is installed, and undefined for what is not', () => {
  expect(optionalModule('snappyjs')).toBeDefined()
  expect(optionalModule('a-package-that-nobody-has')).toBeUndefined()
})
