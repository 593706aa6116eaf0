import { once } from 'node:events'
import { connect } from 'node:net'
import {
  type Api,
  decodeResponse,
  encodeRequest,
  type RequestInput,
  type ResponseOf,
} from '@varve/protocol'

export interface Question<A extends Api> {
  readonly port: number
  readonly api: A
  readonly version: number
  readonly request: RequestInput<A>
}

/** One request on a connection of its own. */
export async function ask<A extends Api>({
  port,
  api,
  version,
  request,
}: Question<A>): Promise<ResponseOf<A>> {
  const header = { correlationId: 1, clientId: 'bench' }
  const frame = Buffer.concat(encodeRequest(api, version, header, request))
  const answer = await askBytes(port, frame)
  return decodeResponse(api, version, answer).response
}

/** Sends a whole frame and gives the answer's, without its size. */
export async function askBytes(port: number, frame: Uint8Array): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(frame)
  let received = Buffer.alloc(0)
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        return received.subarray(4, 4 + received.readInt32BE(0))
      }
    }
  } finally {
    socket.destroy()
  }
  throw new Error(`the connection to port ${port} closed before the answer came`)
}
