import type { RecordInput } from '@varve/protocol'

const HOT_KEYS = 300
const COLD_KEYS = 400
const COLD_ONE_IN = 4
/** So many records lie between the first record of a cold key and the first of the next one. */
const COLD_SPAN = 40
const TOMBSTONE_ONE_IN = 10
const PADDING_MAX = 300

/** A record of a topic with keys follows from its number, so that nobody has to remember what was sent. */
export type NumberedRecord = Omit<RecordInput, 'timestamp' | 'key'> & {
  readonly key: string
  readonly value: string | null
}

/**
 * The record that a producer writes under a number. Hot keys are written all the time; a cold one ten times in a row and then
 * not for many segments, and every third time what it leaves behind is a tombstone.
 */
export const numberedRecord = (name: string, number: number): NumberedRecord => {
  const chance = scatter(number)
  const key = keyOf(number)
  const headers = [{ key: 'number', value: `${name}:${number}` }]
  if (isTombstone(number)) return { key, value: null, headers }
  return { key, value: `${name}:${number}:${'x'.repeat(chance % PADDING_MAX)}`, headers }
}

export const keyOf = (number: number): string =>
  number % COLD_ONE_IN === 0
    ? `cold-${Math.floor(number / COLD_SPAN) % COLD_KEYS}`
    : `hot-${scatter(number) % HOT_KEYS}`

export const isTombstone = (number: number): boolean => {
  const isLastOfCold = number % COLD_SPAN === COLD_SPAN - COLD_ONE_IN
  if (isLastOfCold) return Math.floor(number / COLD_SPAN) % 3 === 0
  return (scatter(number) >>> 16) % TOMBSTONE_ONE_IN === 0
}

/** Neighbours far apart; the same in every run. */
const scatter = (number: number): number => {
  const mixed = Math.imul(number ^ (number >>> 15), 0x2c1b3c6d)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
