/** Whether a text is a value that a setting accepts: its type first, then the range in Kafka's notation. */
import type { Setting, SettingType } from './setting.ts'

/** Undefined when the setting accepts the text, else what it expected: the end of a sentence that begins with "expected". */
export function refusal(setting: Setting, text: string): string | undefined {
  const value = text.trim()
  if (!isOfType(setting.type, value)) return expectation(setting)
  return isInRange(setting, value) ? undefined : expectation(setting)
}

/** What the setting accepts, in words. */
export function expectation(setting: Setting): string {
  const kind = kinds[setting.type]
  const { valid } = setting
  if (valid === 'any') return kind
  const values = listedValues(valid)
  if (values === undefined) return rangeWords(kind, valid)
  return setting.type === 'LIST'
    ? `a comma-separated list of ${values.join(', ')}`
    : `one of ${values.join(', ')}`
}

const kinds: { readonly [T in SettingType]: string } = {
  BOOLEAN: 'true or false',
  STRING: 'a string',
  INT: 'an integer (32 bits)',
  SHORT: 'an integer (16 bits)',
  LONG: 'an integer (64 bits)',
  DOUBLE: 'a number',
  LIST: 'a comma-separated list',
  CLASS: 'a class name',
  PASSWORD: 'a password',
}

const integerBounds = {
  SHORT: ['-32768', '32767'],
  INT: ['-2147483648', '2147483647'],
  LONG: ['-9223372036854775808', '9223372036854775807'],
} as const

function isOfType(type: SettingType, value: string): boolean {
  switch (type) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(value)
    case 'INT':
    case 'SHORT':
    case 'LONG': {
      if (!/^[+-]?\d+$/.test(value)) return false
      const [least, most] = integerBounds[type]
      return compareIntegers(value, least) >= 0 && compareIntegers(value, most) <= 0
    }
    case 'DOUBLE':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value))
    case 'STRING':
    case 'LIST':
    case 'CLASS':
    case 'PASSWORD':
      return true
  }
}

const interval = /^\[([^,\]]+),\.\.\.(?:,([^,\]]+))?\](?: or (-?\d+))?$/

function isInRange(setting: Setting, value: string): boolean {
  const { valid } = setting
  if (valid === 'any' || valid === 'non-null string') return true
  if (valid === 'non-empty string' || valid === 'non-empty list') return value !== ''
  if (valid.startsWith('[partitionId]')) return isThrottledReplicas(value)
  const bounds = interval.exec(valid)
  if (bounds !== null) {
    const [, least, most, or] = bounds
    if (or !== undefined && compareNumbers(setting.type, value, or) === 0) return true
    if (least !== undefined && compareNumbers(setting.type, value, least) < 0) return false
    return most === undefined || compareNumbers(setting.type, value, most) <= 0
  }
  const values = listedValues(valid) ?? []
  if (setting.type === 'LIST') return listItems(value).every(item => values.includes(item))
  if (valid.startsWith('(case insensitive)')) {
    return values.some(one => one.toLowerCase() === value.toLowerCase())
  }
  return values.some(one => one === value || (one.startsWith('by_duration:') && isDuration(value)))
}

/** The items of a LIST as Kafka reads them: separated by commas, blanks around them dropped, an empty text is no item. */
export function listItems(text: string): string[] {
  const trimmed = text.trim()
  return trimmed === '' ? [] : trimmed.split(/\s*,\s*/)
}

function listedValues(valid: string): readonly string[] | undefined {
  const listed = /^(?:\(case insensitive\) )?\[([^[\]]+)\]$/.exec(valid)?.[1]
  if (listed === undefined || listed.includes('...')) return undefined
  return listed.split(', ')
}

function rangeWords(kind: string, valid: string): string {
  const bounds = interval.exec(valid)
  if (bounds === null) return valid.startsWith('non-') ? `a ${valid}` : valid
  const [, least, most, or] = bounds
  const range = most === undefined ? `, at least ${least}` : ` from ${least} to ${most}`
  return `${kind}${range}${or === undefined ? '' : `, or ${or}`}`
}

function isThrottledReplicas(value: string): boolean {
  const items = listItems(value)
  return value === '*' || items.every(item => /^\d+:\d+$/.test(item))
}

function isDuration(value: string): boolean {
  return /^by_duration:P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/i.test(value)
}

function compareNumbers(type: SettingType, one: string, other: string): number {
  return type === 'DOUBLE' ? Number(one) - Number(other) : compareIntegers(one, other)
}

/** Compares decimal texts of any length: a long does not fit a JavaScript number. */
export function compareIntegers(one: string, other: string): number {
  const [a, b] = [integerOf(one), integerOf(other)]
  if (a.sign !== b.sign) return a.sign - b.sign
  const magnitude =
    a.digits.length - b.digits.length || (a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0)
  return a.sign * magnitude
}

function integerOf(text: string): { readonly sign: number; readonly digits: string } {
  const digits = text.replace(/^[+-]?0*/, '')
  return { sign: digits === '' ? 0 : text.startsWith('-') ? -1 : 1, digits }
}
