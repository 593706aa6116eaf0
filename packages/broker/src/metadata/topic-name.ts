/** What a topic may be called. Names become folder names, so this is checked before any path is built. */
import type { MetadataImage } from './image.ts'

/** The longest name: with the dash and the partition it still fits in a file name. */
export const TOPIC_NAME_LENGTH_MAX = 249

/** Why this cannot be the name of a topic; undefined when it can. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return 'the topic name is empty'
  if (name === '.' || name === '..') return "the topic name is '.' or '..'"
  if (name.length > TOPIC_NAME_LENGTH_MAX) {
    return `the topic name is longer than ${TOPIC_NAME_LENGTH_MAX} characters`
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return 'the topic name has other characters than ASCII letters, digits, ".", "_" and "-"'
  }
  return undefined
}

/** The topic whose name differs from this only in `.` and `_`: both would have the same metric names. */
export function collidingTopic(image: MetadataImage, name: string): string | undefined {
  if (!/[._]/.test(name)) return undefined
  const key = collisionKey(name)
  for (const other of image.topics.byName.keys()) {
    if (other !== name && other.length === name.length && collisionKey(other) === key) return other
  }
  return undefined
}

/** Equal for names that collide. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}
