/**
 * Records as JSON lines: what `produce --json` reads and `consume --json` writes, so that the one's output is the other's input.
 * Bytes that are not UTF-8 stand as base64 under `keyBase64`, `valueBase64`.
 */
import { Buffer, isUtf8 } from 'node:buffer'
import type { ConsumerRecord, Field, ProducerHeader, ProducerRecord } from '@varve/client'
import { CommandError } from './command-error.ts'

/** Those of `consume --json` that say where a record was; they are read and not used. */
const PLACE_FIELDS = ['topic', 'offset']
const FIELDS = ['key', 'keyBase64', 'value', 'valueBase64', 'headers', 'partition', 'timestamp']

/** The record that a JSON line stands for. Throws a `CommandError` that says what is wrong with it. */
export function recordOfJson(topic: string, line: string): ProducerRecord {
  const json = parseObject(line)
  const unknown = Object.keys(json).find(
    name => !FIELDS.includes(name) && !PLACE_FIELDS.includes(name),
  )
  if (unknown !== undefined) {
    const known = FIELDS.join(', ')
    throw new CommandError(
      `there is no field ${JSON.stringify(unknown)} in a record, only ${known}; without --json each line is a value as it is`,
    )
  }
  if (!('value' in json) && !('valueBase64' in json)) {
    throw new CommandError('there is no value; for a tombstone it is null')
  }
  const { partition, timestamp } = json
  return {
    topic,
    key: fieldOf(json, 'key'),
    value: fieldOf(json, 'value'),
    headers: headersOf(json['headers']),
    ...(partition === undefined || partition === null
      ? {}
      : { partition: integerOf('partition', partition) }),
    ...(timestamp === undefined || timestamp === null ? {} : { timestamp: timeOf(timestamp) }),
  }
}

type Json = { readonly [name: string]: unknown }

function parseObject(line: string): Json {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (error) {
    throw new CommandError(`it is no JSON: ${(error as Error).message}`)
  }
  if (!isObject(json)) throw new CommandError('it is no JSON object')
  return json
}

function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** Text stands for itself; null for null; anything else for its JSON text. */
function fieldOf(json: Json, name: string): Field {
  const base64 = json[`${name}Base64`]
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64')
  const field = json[name]
  if (field === undefined || field === null) return null
  return typeof field === 'string' ? field : JSON.stringify(field)
}

function headersOf(headers: unknown): readonly ProducerHeader[] {
  if (headers === undefined || headers === null) return []
  if (isObject(headers)) {
    return Object.keys(headers).map(key => ({ key, value: fieldOf(headers, key) }))
  }
  if (!Array.isArray(headers)) throw new CommandError('headers are no object and no list')
  return headers.map((header: unknown) => {
    if (!isObject(header) || typeof header['key'] !== 'string') {
      throw new CommandError('a header in the list has no key')
    }
    return { key: header['key'], value: fieldOf(header, 'value') }
  })
}

function integerOf(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new CommandError(`${name} is ${JSON.stringify(value)}; expected an integer of at least 0`)
}

function timeOf(value: unknown): number {
  if (typeof value === 'string') {
    const time = Date.parse(value)
    if (Number.isFinite(time)) return time
  }
  if (Number.isSafeInteger(value)) return value as number
  throw new CommandError(
    `timestamp is ${JSON.stringify(value)}; expected milliseconds since 1970 or an ISO time`,
  )
}

/** The JSON line, without its end, of a record. */
export function jsonOfRecord(record: ConsumerRecord): string {
  const { topic, partition, offset, timestamp, key, value, headers } = record
  return JSON.stringify({
    topic,
    partition,
    offset,
    timestamp,
    ...bytesAs('key', key),
    ...bytesAs('value', value),
    headers: headers.map(header => ({ key: header.key, ...bytesAs('value', header.value) })),
  })
}

/** The field that holds these bytes: as text, or under another name as base64. */
export function bytesAs(
  name: string,
  bytes: Buffer | null,
): { readonly [name: string]: string | null } {
  if (bytes === null) return { [name]: null }
  return isUtf8(bytes)
    ? { [name]: bytes.toString() }
    : { [`${name}Base64`]: bytes.toString('base64') }
}
