import { RE2JS } from 're2js'
import { type Sliced, SliceSteps } from '../slices.ts'
import { InvalidPattern } from './invalid-pattern.ts'
import { roughSizeOf } from './rough-size.ts'

/** Characters in a regular expression. */
export const PATTERN_LENGTH_MAX = 4096

/**
 * Instructions of a compiled expression: about one for each character that it spells out, once for each repetition that
 * it counts. Matching costs at most this many steps for each character of a name.
 */
export const PATTERN_PROGRAM_MAX = 1000

/** An expression that looks as if it compiled to so many is not even compiled: that would take seconds. */
const ROUGH_SIZE_MAX = 10 * PATTERN_PROGRAM_MAX

/** How much of an expression an error message repeats. */
const QUOTED_MAX = 80

/** Instructions times characters that count as one step of a slice. */
const WORK_PER_STEP = 32

/**
 * The regular expression by which a member of a consumer group subscribes to topics (KIP-848): RE2's syntax, as in Kafka,
 * hence without backreferences and lookaround, and matched in linear time whatever a client sends.
 */
export class TopicPattern {
  readonly source: string
  readonly #compiled: RE2JS
  readonly #programSize: number

  constructor(source: string, compiled: RE2JS) {
    this.source = source
    this.#compiled = compiled
    this.#programSize = compiled.programSize()
  }

  /** Whether the whole name matches. */
  matches(topicName: string): boolean {
    return this.#compiled.testExact(topicName)
  }

  /** The names that match, in their order. */
  *matching(topicNames: Iterable<string>): Sliced<readonly string[]> {
    const steps = new SliceSteps()
    const matching: string[] = []
    for (const name of topicNames) {
      if (this.matches(name)) matching.push(name)
      if (steps.spend(1 + (this.#programSize * name.length) / WORK_PER_STEP)) yield
    }
    return matching
  }
}

/**
 * Compiles the regular expression of a client. Throws {@link InvalidPattern} if it is not RE2's syntax, longer than
 * {@link PATTERN_LENGTH_MAX}, or compiles to more than {@link PATTERN_PROGRAM_MAX} instructions.
 */
export function compileTopicPattern(source: string): TopicPattern {
  if (source.length > PATTERN_LENGTH_MAX)
    throw new InvalidPattern(
      `The regular expression ${quoted(source)} has ${String(source.length)} characters; at most ${String(PATTERN_LENGTH_MAX)} are allowed.`,
    )
  const roughSize = roughSizeOf(source)
  if (roughSize > ROUGH_SIZE_MAX) throw tooLarge(source, `about ${String(roughSize)}`)
  const compiled = compile(source)
  const size = compiled.programSize()
  if (size > PATTERN_PROGRAM_MAX) throw tooLarge(source, String(size))
  return new TopicPattern(source, compiled)
}

function tooLarge(source: string, size: string): InvalidPattern {
  return new InvalidPattern(
    `The regular expression ${quoted(source)} is too large: it compiles to ${size} instructions, and at most ${String(PATTERN_PROGRAM_MAX)} are allowed.`,
  )
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    // Whatever it is that the compiler cannot take, a client's expression is no bug of the broker.
    const reason = error instanceof Error ? error.message : String(error)
    throw new InvalidPattern(
      `The regular expression ${quoted(source)} cannot be used: ${reason.replace(/^error parsing regexp: /, '').slice(0, QUOTED_MAX)}.`,
      { cause: error },
    )
  }
}

function quoted(source: string): string {
  return JSON.stringify(source.length > QUOTED_MAX ? `${source.slice(0, QUOTED_MAX)}...` : source)
}
