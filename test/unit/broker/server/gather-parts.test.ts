import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gatherParts } from '../../../../packages/broker/src/server/gather-parts.ts'

describe('gathering parts', () => {
  it('keeps every byte in its place', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.constant(new Uint8Array(5000).fill(7)),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), parts => {
        expect(Buffer.concat(gatherParts(parts)).equals(Buffer.concat(parts))).toBe(true)
      }),
    )
  })

  it('copies nothing when small parts lie side by side', () => {
    const buffer = Buffer.from('one two three four')
    const parts = [buffer.subarray(0, 4), buffer.subarray(4, 8), buffer.subarray(8, 13)]
    const [only, ...others] = gatherParts(parts)
    expect([String(only), others.length]).toEqual(['one two three', 0])
    expect(only?.buffer).toBe(buffer.buffer)
    const [apart] = gatherParts([buffer.subarray(0, 4), buffer.subarray(8, 13)])
    expect(String(apart)).toBe('one three')
  })

  it('joins small parts and passes large ones on as they are', () => {
    const large = new Uint8Array(100_000)
    const small = new Uint8Array(10)
    const gathered = gatherParts([small, small, large, small])
    expect(gathered.map(part => part.length)).toEqual([20, 100_000, 10])
    expect(gathered[1]).toBe(large)
  })
})
