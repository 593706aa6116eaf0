import { Buffer } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import { apis, encodeRequest, Reader, readRequestHeader } from '@varve/protocol'

/** A request of a real client, without its length in front. */
export interface RequestVector {
  readonly name: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly clientId: string
  readonly hex: string
}

/** Reads a request to its last byte and writes it again. */
export const checkRequest = (vector: RequestVector): readonly string[] => {
  const { name, apiKey, apiVersion, clientId, hex } = vector
  const api = apis.get(apiKey)
  if (api === undefined) return [`${name}: there is no table for key ${apiKey}`]
  const reader = new Reader(Buffer.from(hex, 'hex'))
  const { correlationId, ...header } = readRequestHeader(reader)
  const problems: string[] = []
  if (!isDeepStrictEqual(header, { apiKey, apiVersion, clientId })) {
    problems.push(`other header: ${JSON.stringify(header)}`)
  }
  const request = api.request.read(reader, apiVersion)
  if (reader.remaining > 0) problems.push(`${reader.remaining} bytes are left over`)
  const frame = Buffer.concat(
    encodeRequest(api, apiVersion, { correlationId, clientId }, request as object),
  )
  if (frame.toString('hex', 4) !== hex) problems.push('is written otherwise')
  return problems.map(problem => `${name}: ${problem}`)
}
