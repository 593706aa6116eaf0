import { describe, expect, it } from 'vitest'
import {
  formatProperties,
  parseProperties,
} from '../../../../packages/broker/src/log/properties-file.ts'

/** As Kafka 4 writes it. */
const KAFKA = `#
#Sat Nov 21 23:07:11 UTC 2026
cluster.id=MkU3OEVBNTcwNTJENDM2Qk
directory.id=v2T1Yp0uRzu0m9o3m9bqXQ
node.id=1
version=1
`

describe('a properties file', () => {
  it('is read as Kafka wrote it, without its comments', () => {
    expect([...parseProperties(Buffer.from(KAFKA))]).toEqual([
      ['cluster.id', 'MkU3OEVBNTcwNTJENDM2Qk'],
      ['directory.id', 'v2T1Yp0uRzu0m9o3m9bqXQ'],
      ['node.id', '1'],
      ['version', '1'],
    ])
  })

  it('keeps what stands behind the first sign, and passes over lines that say nothing', () => {
    const text = 'a = b=c \r\n\nnothing\n=none\nempty=\na.b=2'
    expect([...parseProperties(Buffer.from(text))]).toEqual([
      ['a', 'b=c'],
      ['empty', ''],
      ['a.b', '2'],
    ])
  })

  it('comes back as it was written', () => {
    const properties = new Map([
      ['version', '1'],
      ['cluster.id', 'x='],
    ])
    expect(formatProperties(properties).toString()).toBe('version=1\ncluster.id=x=\n')
    expect(parseProperties(formatProperties(properties))).toEqual(properties)
  })

  it('may be empty', () => {
    expect(parseProperties(Buffer.alloc(0)).size).toBe(0)
  })
})
