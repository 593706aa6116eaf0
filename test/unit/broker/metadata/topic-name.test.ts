import { describe, expect, it } from 'vitest'
import {
  collidingTopic,
  collisionKey,
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
    const image = imageWith(...newTopic('a.b_c'))
    expect(collidingTopic(image, 'a_b.c')).toBe('a.b_c')
    expect(collidingTopic(image, 'a.b_c')).toBeUndefined()
    expect(collidingTopic(image, 'a.b-c')).toBeUndefined()
    expect(collisionKey('a.b')).toBe(collisionKey('a_b'))
  })
})
