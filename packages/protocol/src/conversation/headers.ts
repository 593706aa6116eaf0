import { Buffer } from 'node:buffer'
import { apis } from '../apis/index.ts'
import {
  type Api,
  int16,
  int32,
  message,
  nullableString,
  type RequestInput,
  type ResponseInput,
  type ResponseOf,
} from '../schema/index.ts'
import { Reader } from '../wire/reader.ts'
import { Writer } from '../wire/writer.ts'

const apiVersionsKey = 18
const encoderChunkBytes = 8192

/** Stands before every request. The client id keeps its classic length in the flexible version too. */
export const RequestHeader = message({
  name: 'RequestHeader',
  versions: [1, 2],
  flexible: 2,
  fields: {
    requestApiKey: int16,
    requestApiVersion: int16,
    correlationId: int32,
    clientId: nullableString.classic(),
  },
})

/** Stands before every response. */
export const ResponseHeader = message({
  name: 'ResponseHeader',
  versions: [0, 1],
  flexible: 1,
  fields: { correlationId: int32 },
})

/** What a request says of itself before its body. */
export interface RequestHeaderFields {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  /** A null client id reads as the empty string. */
  readonly clientId: string
}

/**
 * The version of the header that a request has. It goes by the API's first flexible version alone, so that the header of a
 * version that is too new for us can be read as well; an API without a table here is taken for a classic one.
 */
export const requestHeaderVersion = (apiKey: number, apiVersion: number): 1 | 2 => {
  const flexible = apis.get(apiKey)?.flexible
  return flexible !== undefined && apiVersion >= flexible ? 2 : 1
}

/**
 * The version of the header that a response has. ApiVersions always answers with version 0, because a client that asked in a
 * version unknown to the broker must be able to read the refusal (KIP-511).
 */
export const responseHeaderVersion = (apiKey: number, apiVersion: number): 0 | 1 => {
  if (apiKey === apiVersionsKey) return 0
  return requestHeaderVersion(apiKey, apiVersion) === 2 ? 1 : 0
}

/** Reads the header of a request and leaves the reader at the body. Throws `WireError`. */
export const readRequestHeader = (reader: Reader): RequestHeaderFields => {
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const clientId = reader.nullableString() ?? ''
  if (requestHeaderVersion(apiKey, apiVersion) === 2) reader.skipTaggedFields()
  return { apiKey, apiVersion, correlationId, clientId }
}

/** Reads the header of a response to a request of this API and version, and leaves the reader at the body. */
export const readResponseHeader = (reader: Reader, apiKey: number, apiVersion: number): number => {
  const correlationId = reader.int32()
  if (responseHeaderVersion(apiKey, apiVersion) === 1) reader.skipTaggedFields()
  return correlationId
}

/**
 * A request as a whole frame, its size in front.
 *
 * @example
 * ```ts
 * const header = { correlationId: 1, clientId: 'billing' }
 * for (const part of encodeRequest(Metadata, 12, header, { topics: null })) socket.write(part)
 * ```
 */
export const encodeRequest = <A extends Api>(
  api: A,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  request: RequestInput<A>,
): Uint8Array[] => {
  const writer = new Writer()
  writer.int32(0)
  const { correlationId, clientId } = header
  RequestHeader.write(
    writer,
    { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId },
    requestHeaderVersion(api.key, version),
  )
  api.request.write(writer, request, version)
  return framed(writer)
}

/** A response as a whole frame, its size in front. Large parts of records are passed on by reference. */
export const encodeResponse = <A extends Api>(
  api: A,
  version: number,
  correlationId: number,
  response: ResponseInput<A>,
): Uint8Array[] => {
  const writer = new Writer()
  writeResponse(writer, api, { version, correlationId }, response)
  return framed(writer)
}

/** Encodes many responses. Small ones lie side by side in one buffer, so that they can be sent as one part. */
export class ResponseEncoder {
  readonly #writer = new Writer(encoderChunkBytes)

  /** As `encodeResponse`. */
  encode<A extends Api>(
    api: A,
    at: { readonly version: number; readonly correlationId: number },
    response: ResponseInput<A>,
  ): Uint8Array[] {
    this.#writer.begin()
    writeResponse(this.#writer, api, at, response)
    return framed(this.#writer)
  }
}

const writeResponse = <A extends Api>(
  writer: Writer,
  api: A,
  { version, correlationId }: { readonly version: number; readonly correlationId: number },
  response: ResponseInput<A>,
): void => {
  writer.int32(0)
  writer.int32(correlationId)
  if (responseHeaderVersion(api.key, version) === 1) writer.uint8(0)
  api.response.write(writer, response, version)
}

/**
 * Reads a response frame (without its size). Throws `WireError`.
 *
 * @example
 * ```ts
 * const { correlationId, response } = decodeResponse(Metadata, 12, bytes)
 * console.log(correlationId, response.topics.map(topic => topic.name))
 * ```
 */
export const decodeResponse = <A extends Api>(
  api: A,
  version: number,
  frame: Uint8Array,
): { correlationId: number; response: ResponseOf<A> } => {
  const reader = new Reader(frame)
  reader.allowAnyCount()
  const correlationId = readResponseHeader(reader, api.key, version)
  return { correlationId, response: api.response.read(reader, version) as ResponseOf<A> }
}

/** Puts the size of what was written into the four bytes that were left for it. */
const framed = (writer: Writer): Uint8Array[] => {
  const size = writer.sizeBytes - 4
  const parts = writer.finish()
  const first = parts[0] as Buffer
  first.writeInt32BE(size, 0)
  return parts
}
