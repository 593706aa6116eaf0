import { InvalidPattern } from '../../regex/invalid-pattern.ts'
import { compileTopicPattern, type TopicPattern } from '../../regex/topic-pattern.ts'

/** The expression of a member, compiled, or what is wrong with it. */
export function readPattern(expression: string): TopicPattern | InvalidPattern {
  try {
    return compileTopicPattern(expression)
  } catch (error) {
    if (error instanceof InvalidPattern) return error
    throw error
  }
}
