import { ConfigError } from './errors.ts'

/** What an option must be. Without `value` the `fallback` stands. */
interface IntegerOption {
  readonly name: string
  readonly value: number | undefined
  readonly fallback: number
  readonly min: number
  readonly max?: number
}

/** Checks an integer option; a bad one is refused with its name, its value and what was expected. */
export function integerOption({ name, value, fallback, min, max }: IntegerOption): number {
  if (value === undefined) return fallback
  const top = max ?? Number.MAX_SAFE_INTEGER
  if (Number.isSafeInteger(value) && value >= min && value <= top) return value
  const expected =
    max === undefined ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`
  throw badOption({ name, value, expected })
}

interface TypedOption {
  readonly name: string
  readonly value: unknown
}

/** Checks an option that is a function, where it is given. */
export function functionOption({ name, value }: TypedOption): void {
  if (value !== undefined && typeof value !== 'function')
    throw badOption({ name, value, expected: 'a function' })
}

/** Checks an option that is a text with something in it, where it is given. */
export function textOption({ name, value, expected }: BadOption): void {
  if (value !== undefined && (typeof value !== 'string' || value === ''))
    throw badOption({ name, value, expected })
}

/** Checks an option that is an `AbortSignal`, where it is given. */
export function signalOption(value: unknown): void {
  const isSignal = typeof value === 'object' && value !== null && 'aborted' in value
  if (value !== undefined && !isSignal)
    throw badOption({ name: 'signal', value, expected: 'an AbortSignal' })
}

interface ChoiceOption<T> {
  readonly name: string
  readonly value: T | undefined
  readonly fallback: T
  readonly choices: readonly T[]
}

/** Checks an option that is one of a few words or numbers. */
export function choiceOption<const T>({ name, value, fallback, choices }: ChoiceOption<T>): T {
  if (value === undefined) return fallback
  if (choices.includes(value)) return value
  throw badOption({ name, value, expected: `one of ${choices.map(show).join(', ')}` })
}

interface KnownOptions {
  readonly of: string
  readonly options: object
  readonly known: readonly string[]
}

/** Refuses an option that does not exist: a misspelt one would otherwise be silently without effect. */
export function refuseUnknownOptions({ of, options, known }: KnownOptions): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw new ConfigError(`${of}: there is no option ${name}; the options are ${known.join(', ')}`)
  }
}

interface BadOption {
  readonly name: string
  readonly value: unknown
  readonly expected: string
}

/** The error for an option that cannot work. */
export function badOption({ name, value, expected }: BadOption): ConfigError {
  return new ConfigError(`${name} is ${show(value)}; expected ${expected}`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof RegExp) return String(value)
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return String(value)
}
