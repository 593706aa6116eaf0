import { describe, expect, it } from 'vitest'
import { Verifications } from '../../../../packages/broker/src/log/verifications.ts'

const wanted = (producerEpoch = 0, mode: 'verify' | 'add' = 'verify') => ({
  ...{ producerId: 7, producerEpoch, mode },
})

describe('verifications', () => {
  it('are good until the transaction has begun or ended', () => {
    const verifications = new Verifications()
    const verification = verifications.begin(wanted(), 3, 0)
    expect(verifications.isValid(verification)).toBe(true)
    verifications.end(7)
    expect(verifications.isValid(verification)).toBe(false)
    expect(verifications.isValid(verifications.begin(wanted(), 3, 0))).toBe(true)
    expect(verifications.isValid(verification)).toBe(false)
  })

  it('are shared by the requests of one epoch, whose lowest sequence comes first', () => {
    const verifications = new Verifications()
    const verification = verifications.begin(wanted(), 3, 0)
    expect(verifications.begin(wanted(), 0, 0)).toBe(verification)
    expect(verifications.begin(wanted(), 9, 0)).toBe(verification)
    expect(verifications.lowestSequenceOf(verification)).toBe(0)
  })

  it('end with a newer epoch, and an older one gets none that is good', () => {
    const verifications = new Verifications()
    const old = verifications.begin(wanted(4), 0, 0)
    const newer = verifications.begin(wanted(5), 0, 0)
    const late = verifications.begin(wanted(4), 0, 0)
    const good = [old, newer, late].map(given => verifications.isValid(given))
    expect(good).toEqual([false, true, false])
  })

  it('end when the coordinator refuses them, but for those of a newer epoch', () => {
    const verifications = new Verifications()
    const old = verifications.begin(wanted(4), 0, 0)
    const newer = verifications.begin(wanted(5), 0, 0)
    verifications.refuse(old)
    expect(verifications.isValid(newer)).toBe(true)
    verifications.refuse(newer)
    expect(verifications.size).toBe(0)
  })

  it('admit all that wait under them, in order and once, but for those who gave up', () => {
    const verifications = new Verifications()
    const verification = verifications.begin(wanted(), 0, 0)
    const admitted: string[] = []
    const [first, second, third] = ['first', 'second', 'third'].map(
      name => () => void admitted.push(name),
    ) as [() => void, () => void, () => void]
    for (const one of [first, second, third]) verifications.wait(verification, one)
    expect(verifications.giveUp(verification, second)).toBe(true)
    verifications.admit(verification)
    verifications.admit(verification)
    expect(admitted).toEqual(['first', 'third'])
    expect(verifications.giveUp(verification, first)).toBe(false)
  })

  it('are forgotten when nobody comes back', () => {
    const verifications = new Verifications()
    verifications.begin(wanted(), 0, 1)
    verifications.expire(sweep => sweep < 1)
    expect(verifications.size).toBe(1)
    verifications.expire(sweep => sweep < 2)
    expect(verifications.size).toBe(0)
  })
})
