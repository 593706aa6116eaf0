import { describe, expect, it } from 'vitest'
import {
  TakenNames,
  topicNameProblem,
} from '../../../../packages/broker/src/metadata/topic-name.ts'
import { imageWith, newTopic } from '../../../support/metadata-image.ts'

describe('the name of a topic', () => {
  it.each(['a', 'A-b_c.9', '...', '-', '__consumer_offsets', 'a'.repeat(249)])(
    'may be %s',
    name => {
      expect(topicNameProblem(name)).toBeUndefined()
    },
  )

  it.each(['', '.', '..', 'a/b', '../a', 'a b', 'a\n', 'a\0', '\u00e4', 'a'.repeat(250)])(
    'may not be %j',
    name => {
      expect(topicNameProblem(name)).toBeTypeOf('string')
    },
  )

  it('collides with one that differs only in dots and underscores', () => {
    const names = new TakenNames(imageWith(...newTopic('a.b_c')))
    expect(names.collidingWith('a_b.c')).toBe('a.b_c')
    expect(names.collidingWith('a.b_c')).toBeUndefined()
    expect(names.collidingWith('a.b-c')).toBeUndefined()
    names.take('x_y')
    expect(names.collidingWith('x.y')).toBe('x_y')
  })
})
