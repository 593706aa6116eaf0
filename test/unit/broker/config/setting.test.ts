import { expect, it } from 'vitest'
import {
  int,
  internal,
  isSensitive,
  password,
} from '../../../../packages/broker/src/config/setting.ts'

it('says of a row what it is', () => {
  expect(int('1', '[0,...]', 'topic', 'About.')).toEqual({
    type: 'INT',
    default: '1',
    valid: '[0,...]',
    mode: 'topic',
    isInternal: false,
    about: 'About.',
  })
  expect(internal(int('1', 'any', 'topic', '')).isInternal).toBe(true)
  expect(isSensitive(password(null, 'any', 'read-only', ''))).toBe(true)
})
