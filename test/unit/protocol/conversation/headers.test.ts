import { Buffer } from 'node:buffer'
import {
  ApiVersions,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  Fetch,
  Metadata,
  Reader,
  RequestHeader,
  ResponseEncoder,
  readRequestHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  WireError,
  Writer,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

describe('the header of a request', () => {
  it('is flexible exactly when the version of the API is', () => {
    expect(requestHeaderVersion(Metadata.key, 8)).toBe(1)
    expect(requestHeaderVersion(Metadata.key, 9)).toBe(2)
    expect(requestHeaderVersion(ApiVersions.key, 99)).toBe(2)
    expect(requestHeaderVersion(9999, 0)).toBe(1)
  })

  it('reads as its table says, in both versions', () => {
    for (const requestApiVersion of [8, 9]) {
      const writer = new Writer()
      const fields = { requestApiKey: 3, requestApiVersion, correlationId: 7, clientId: 'me' }
      RequestHeader.write(writer, fields, requestHeaderVersion(3, requestApiVersion))
      const reader = new Reader(Buffer.concat(writer.finish()))
      expect(readRequestHeader(reader)).toEqual({
        apiKey: 3,
        apiVersion: requestApiVersion,
        correlationId: 7,
        clientId: 'me',
      })
      expect(reader.remaining).toBe(0)
    }
  })

  it('keeps the classic client id in a flexible request, and reads a null as empty', () => {
    const header = { correlationId: 1, clientId: null }
    const frame = Buffer.concat(encodeRequest(Metadata, 9, header, { topics: null }))
    expect(frame.toString('hex')).toBe('00000010' + '0003000900000001ffff00' + '0001000000')
    expect(readRequestHeader(new Reader(frame, 4)).clientId).toBe('')
  })

  it('costs a WireError when it is cut short', () => {
    expect(() => readRequestHeader(new Reader(Buffer.from('0003000900', 'hex')))).toThrow(WireError)
  })
})

describe('a response', () => {
  it('has no tagged fields in the header of ApiVersions, whatever the version', () => {
    expect(responseHeaderVersion(ApiVersions.key, 4)).toBe(0)
    expect(responseHeaderVersion(Metadata.key, 9)).toBe(1)
    expect(responseHeaderVersion(Metadata.key, 8)).toBe(0)
    const frame = Buffer.concat(encodeResponse(ApiVersions, 3, 5, { errorCode: 0, apiKeys: [] }))
    expect(frame.toString('hex')).toBe('0000000c' + '00000005' + '0000010000000000')
  })

  it('comes back as it was sent, its size in front', () => {
    const records = Buffer.alloc(9000, 4)
    const parts = encodeResponse(Fetch, 12, 77, {
      responses: [
        {
          topic: 'orders',
          partitions: [
            {
              partitionIndex: 0,
              errorCode: 0,
              highWatermark: 10,
              abortedTransactions: null,
              records,
            },
          ],
        },
      ],
    })
    expect(parts).toContain(records)
    const frame = Buffer.concat(parts)
    expect(frame.readInt32BE(0)).toBe(frame.length - 4)
    const { correlationId, response } = decodeResponse(Fetch, 12, frame.subarray(4))
    expect(correlationId).toBe(77)
    expect(response.responses[0]?.partitions[0]?.records).toEqual(records)
  })
})

describe('an encoder of responses', () => {
  it('encodes each as if it were alone, also after one that cannot be encoded', () => {
    const encoder = new ResponseEncoder()
    const responseOf = (throttleTimeMs: number) => ({ errorCode: 0, apiKeys: [], throttleTimeMs })
    const encoded = Array.from({ length: 300 }, (_, correlationId) => {
      expect(() =>
        encoder.encode(ApiVersions, { version: 3, correlationId }, responseOf(2 ** 40)),
      ).toThrow(WireError)
      return encoder.encode(ApiVersions, { version: 3, correlationId }, responseOf(correlationId))
    })
    for (const [index, parts] of encoded.entries()) {
      const alone = encodeResponse(ApiVersions, 3, index, responseOf(index))
      expect(Buffer.concat(parts).equals(Buffer.concat(alone))).toBe(true)
    }
  })
})
