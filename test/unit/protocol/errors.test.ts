import { errorCode, errorName, errors } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

describe('the error table', () => {
  it('finds an error by its name and by its code', () => {
    expect(errorCode('OFFSET_OUT_OF_RANGE')).toBe(1)
    expect(errorName(-1)).toBe('UNKNOWN_SERVER_ERROR')
    for (const [name, { code }] of Object.entries(errors)) expect(errorName(code)).toBe(name)
  })

  it('takes a code that it does not know for an unknown server error', () => {
    expect(errorName(9999)).toBe('UNKNOWN_SERVER_ERROR')
  })

  it('has the codes in order and without a gap', () => {
    const codes = Object.values(errors).map(({ code }) => code)
    expect(codes).toEqual(codes.map((_, index) => index - 1))
  })
})
