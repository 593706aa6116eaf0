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

/** The names that are taken, for finding those that differ from a new one only in `.` and `_`: both would have the same metric names. */
export class TakenNames {
  readonly #image: MetadataImage
  /** Every taken name by what it collides under; made when it is first needed. */
  #byKey: Map<string, string> | undefined

  constructor(image: MetadataImage) {
    this.#image = image
  }

  /** The other name that this one collides with; undefined when there is none. */
  collidingWith(name: string): string | undefined {
    // Without either character a name can collide only with itself.
    if (!/[._]/.test(name)) return undefined
    const other = this.#keys().get(collisionKey(name))
    return other === name ? undefined : other
  }

  take(name: string): void {
    if (/[._]/.test(name)) this.#keys().set(collisionKey(name), name)
  }

  #keys(): Map<string, string> {
    this.#byKey ??= new Map(
      [...this.#image.topics.byName.keys()].map(name => [collisionKey(name), name]),
    )
    return this.#byKey
  }
}

/** Equal for names that collide. */
function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}
