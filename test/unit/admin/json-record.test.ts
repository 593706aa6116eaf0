import type { ConsumerRecord } from '@varve/client'
import { describe, expect, it } from 'vitest'
import { jsonOfRecord, recordOfJson } from '../../../packages/admin/src/json-record.ts'

const read = (json: unknown) =>
  recordOfJson('t', typeof json === 'string' ? json : JSON.stringify(json))

describe('recordOfJson', () => {
  it('reads every field', () => {
    const json = { key: 'k', value: 'v', headers: { h: '1', n: null }, partition: 2, timestamp: 5 }
    expect(read(json)).toEqual({
      topic: 't',
      key: 'k',
      value: 'v',
      headers: [
        { key: 'h', value: '1' },
        { key: 'n', value: null },
      ],
      partition: 2,
      timestamp: 5,
    })
  })

  it('needs a value only, and takes null for a tombstone', () => {
    expect(read({ value: null })).toEqual({ topic: 't', key: null, value: null, headers: [] })
    expect(() => read({ key: 'k' })).toThrow('there is no value')
  })

  it('sends what is no text as its JSON', () => {
    expect(read({ value: { a: [1, true] } }).value).toBe('{"a":[1,true]}')
    expect(read({ key: 7, value: false })).toMatchObject({ key: '7', value: 'false' })
  })

  it('reads times as ISO text', () => {
    expect(read({ value: '', timestamp: '2026-11-21T10:00:00Z' }).timestamp).toBe(
      Date.UTC(2026, 10, 21, 10),
    )
  })

  it('says what is wrong', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      ['{', 'it is no JSON'],
      ['[1]', 'it is no JSON object'],
      ['"text"', 'it is no JSON object'],
      [{ amount: 3 }, 'there is no field "amount"'],
      [{ value: '', partition: -1 }, 'partition is -1'],
      [{ value: '', timestamp: 'soon' }, 'timestamp is "soon"'],
      [{ value: '', headers: 5 }, 'headers are no object'],
      [{ value: '', headers: [{ value: 'x' }] }, 'has no key'],
    ]
    for (const [json, message] of cases) expect(() => read(json)).toThrow(message)
  })

  it('is not deceived by names that objects have anyway', () => {
    expect(() => read('{"value":"","constructor":1}')).toThrow('there is no field')
    expect(read('{"value":"","headers":{"__proto__":"x"}}').headers).toEqual([
      { key: '__proto__', value: 'x' },
    ])
  })
})

describe('jsonOfRecord', () => {
  const record = {
    topic: 't',
    partition: 1,
    offset: 9,
    timestamp: 5,
    key: Buffer.from([0xff, 0xfe]),
    value: Buffer.from('gr\u00fc\u00df'),
    headers: [
      { key: 'h', value: null },
      { key: 'h', value: Buffer.from([0x80]) },
    ],
  } as unknown as ConsumerRecord

  it('writes text as text and other bytes as base64', () => {
    expect(JSON.parse(jsonOfRecord(record))).toEqual({
      topic: 't',
      partition: 1,
      offset: 9,
      timestamp: 5,
      keyBase64: '//4=',
      value: 'gr\u00fc\u00df',
      headers: [
        { key: 'h', value: null },
        { key: 'h', valueBase64: 'gA==' },
      ],
    })
  })

  it('is read back as the same record', () => {
    const { key, value, headers, partition, timestamp } = recordOfJson('t', jsonOfRecord(record))
    expect({ key, value, partition, timestamp }).toEqual({
      key: record.key,
      value: 'gr\u00fc\u00df',
      partition: 1,
      timestamp: 5,
    })
    expect(headers).toEqual(record.headers)
  })
})
