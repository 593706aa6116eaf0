import { deepStrictEqual } from 'node:assert'
import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { bufferView } from '../../../../packages/protocol/src/wire/buffer-view.ts'

describe('a view of memory', () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4, 5)

  it('is a Buffer like any other', () => {
    const view = bufferView(buffer, 1, 3)
    deepStrictEqual(view, Buffer.of(2, 3, 4))
    expect(Object.getPrototypeOf(view)).toBe(Buffer.prototype)
    expect(view.toString('hex')).toBe('020304')
  })

  it('shares the memory', () => {
    bufferView(buffer, 4, 1)[0] = 9
    expect(new Uint8Array(buffer)[4]).toBe(9)
  })

  it('never reaches beyond the memory', () => {
    expect(() => bufferView(buffer, 3, 3)).toThrow(RangeError)
    expect(bufferView(buffer, 5, 0)).toHaveLength(0)
  })
})
