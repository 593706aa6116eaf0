import { describe, expect, it } from 'vitest'
import { parentOf, parentsOf } from '../../../../packages/broker/src/memory/disk-path.ts'

describe('a path', () => {
  it('lies in its parent', () => {
    expect(['/a', '/a/b', '/a/b/c'].map(parentOf)).toEqual(['/', '/a', '/a/b'])
  })

  it('lies under all of its parents, the outermost first', () => {
    expect(parentsOf('/a/b/c')).toEqual(['/a', '/a/b'])
    expect(parentsOf('/a')).toEqual([])
  })
})
