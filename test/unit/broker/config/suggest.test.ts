import { describe, expect, it } from 'vitest'
import { closestName, editDistance } from '../../../../packages/broker/src/config/suggest.ts'

describe('what was probably meant', () => {
  it('counts letters that were inserted, dropped, replaced or swapped', () => {
    expect(editDistance('abc', 'abc')).toBe(0)
    expect(editDistance('abc', 'acb')).toBe(1)
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(editDistance('', 'ab')).toBe(2)
  })

  it('is the nearest name, and nothing when none is near', () => {
    expect(closestName('log.dir', ['log.dirs', 'log.dic'])).toBe('log.dirs')
    expect(closestName('zookeeper.connect', ['log.dirs'])).toBeUndefined()
  })
})
