import { describe, expect, it } from 'vitest'
import {
  decodeGeneration,
  decodeStickyUserData,
  encodeGeneration,
  encodeStickyUserData,
} from '../../../../../packages/client/src/group/assignors/sticky-user-data.ts'
import { partitionsOf } from '../../../../support/group-members.ts'

describe('the user data of the sticky assignor', () => {
  it('is topics with their partitions, then the generation, as the Java client writes it', () => {
    const bytes = encodeStickyUserData({ owned: partitionsOf('t-1 t-3'), generationId: 7 })
    expect(Buffer.from(bytes).toString('hex')).toBe(
      `00000001${'0001'}${'74'}00000002${'00000001'}${'00000003'}00000007`,
    )
    expect(decodeStickyUserData(bytes)).toEqual({ owned: partitionsOf('t-1 t-3'), generationId: 7 })
  })

  it('is read without the generation, as clients before Kafka 2.3 write it', () => {
    const bytes = encodeStickyUserData({ owned: partitionsOf('t-1'), generationId: 7 })
    const { owned, generationId } = decodeStickyUserData(bytes.subarray(0, -4))
    expect([owned, generationId]).toEqual([partitionsOf('t-1'), -1])
  })

  it('is nothing when it cannot be read', () => {
    expect(decodeStickyUserData(Buffer.from('00000009', 'hex'))).toEqual({
      owned: [],
      generationId: -1,
    })
    expect(decodeStickyUserData(null)).toEqual({ owned: [], generationId: -1 })
  })

  it('is the generation alone for cooperative-sticky', () => {
    expect(decodeGeneration(encodeGeneration(12))).toBe(12)
    expect([decodeGeneration(null), decodeGeneration(Buffer.alloc(3))]).toEqual([-1, -1])
  })
})
