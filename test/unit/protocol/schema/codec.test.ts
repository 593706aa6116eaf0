import { UnsupportedFieldError, WireError } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

describe('UnsupportedFieldError', () => {
  it('is a wire error that names the field', () => {
    const error = new UnsupportedFieldError('topicId')
    expect(error).toBeInstanceOf(WireError)
    expect(error.field).toBe('topicId')
    expect(error.message).toContain('topicId')
  })
})
