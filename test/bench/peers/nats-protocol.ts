/** NATS JetStream: published with a reply subject for the acknowledgement, and pulled in requests of many records without acknowledging them. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connected } from '../open-loop.ts'
import { type NatsMessage, NatsReader } from './nats-reader.ts'
import type { PeerProtocol, StreamAt } from './peer-protocol.ts'

const INBOX = '_INBOX.bench'
const API_INBOX = '_INBOX.api'
const DELIVERED = '_INBOX.delivered'
const PULLED_AT_ONCE = 1_000

export const natsProtocol: PeerProtocol = {
  async create(at) {
    const { stream } = at
    const config = { name: stream, subjects: [subjectOf(at)], storage: 'file', num_replicas: 1 }
    await ask(at, `STREAM.CREATE.${stream}`, config)
  },
  async remove(at) {
    await ask(at, `STREAM.DELETE.${at.stream}`, {})
  },
  frame(at, recordBytes, records) {
    if (records !== 1) throw new Error('PUB takes one record')
    const payload = 'varve-'.padEnd(recordBytes, 'x')
    return Buffer.from(`PUB ${subjectOf(at)} ${INBOX} ${recordBytes}\r\n${payload}\r\n`, 'latin1')
  },
  publisher(at, onAcknowledged) {
    return subscribed(at.port, INBOX, message => {
      refuseErrors(message)
      onAcknowledged(1)
    })
  },
  async reader(at, onRecords) {
    const { stream } = at
    const config = { ack_policy: 'none', deliver_policy: 'all', replay_policy: 'instant' }
    const created = await ask(at, `CONSUMER.CREATE.${stream}`, { stream_name: stream, config })
    const { name } = JSON.parse(created) as { name: string }
    const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`
    const request = JSON.stringify({ batch: PULLED_AT_ONCE })
    const pull = `PUB ${next} ${DELIVERED} ${request.length}\r\n${request}\r\n`
    let asked = 2 * PULLED_AT_ONCE
    const socket = await subscribed(at.port, DELIVERED, message => {
      if (message.isStatus) throw new Error(`NATS ended a pull: ${message.text}`)
      onRecords(1)
      asked -= 1
      if (asked > PULLED_AT_ONCE) return
      asked += PULLED_AT_ONCE
      socket.write(pull)
    })
    socket.write(pull + pull)
    return socket
  },
}

function subjectOf({ stream }: StreamAt): string {
  return `records.${stream}`
}

function refuseErrors({ text = '', isStatus }: NatsMessage): void {
  if (isStatus || text.includes('"error"')) throw new Error(`JetStream refused: ${text.trim()}`)
}

/** A connection that gets what is sent to a subject; ready when the server has answered to it. */
async function subscribed(
  port: number,
  subject: string,
  onMessage: (message: NatsMessage) => void,
): Promise<Socket> {
  const reader = new NatsReader({
    onMessage,
    onPing: () => void socket.write('PONG\r\n'),
    onPong: () => void socket.emit('pong'),
  })
  const socket = await connected(port, chunk => reader.take(chunk))
  const options = JSON.stringify({ verbose: false, pedantic: false, headers: true })
  socket.write(`CONNECT ${options}\r\nSUB ${subject} 1\r\nPING\r\n`)
  await once(socket, 'pong')
  return socket
}

/** One request to JetStream's own API. */
function ask({ port }: StreamAt, api: string, request: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const answered = subscribed(port, API_INBOX, message => {
      try {
        refuseErrors(message)
        resolve(message.text ?? '')
      } catch (error) {
        reject(error as Error)
      }
      void answered.then(socket => socket.destroy())
    })
    answered.then(socket => {
      const body = JSON.stringify(request)
      socket.write(`PUB $JS.API.${api} ${API_INBOX} ${body.length}\r\n${body}\r\n`)
    }, reject)
  })
}
