/** RabbitMQ streams: publish frames of one record or many, each record confirmed, and chunks delivered by credit. */
import type { PeerProtocol, StreamAt } from './peer-protocol.ts'
import {
  COMMAND,
  int16,
  int32,
  RabbitConnection,
  rabbitFrame,
  string,
} from './rabbit-connection.ts'

const PUBLISHER = Buffer.from([1])
const SUBSCRIPTION = Buffer.from([1])
const FROM_THE_FIRST = int16(1)
const CHUNKS_AHEAD = 10
/** After key, version and publisher. */
const CONFIRMED_AT = 5
/** After key, version, subscription, magic, type and entries. */
const RECORDS_AT = 9

export const rabbitProtocol: PeerProtocol = {
  create: at => once(at, COMMAND.create, int32(0)),
  remove: at => once(at, COMMAND.delete),
  frame(_at, recordBytes, records) {
    const record = 'varve-'.padEnd(recordBytes, 'x')
    const one = (id: number): Buffer =>
      Buffer.concat([int32(0), int32(id), int32(recordBytes), Buffer.from(record)])
    const all = Array.from({ length: records }, (_, id) => one(id))
    return rabbitFrame(COMMAND.publish, PUBLISHER, int32(records), ...all)
  },
  async publisher({ port, stream }, onAcknowledged) {
    const { socket, ask } = await opened(port, (command, head) => {
      if (command === COMMAND.publishError) throw new Error('RabbitMQ refused a record')
      if (command === COMMAND.publishConfirm) onAcknowledged(head.readUInt32BE(CONFIRMED_AT))
    })
    await ask(COMMAND.declarePublisher, PUBLISHER, string(''), string(stream))
    return socket
  },
  async reader({ port, stream }, onRecords) {
    const credit = rabbitFrame(COMMAND.credit, SUBSCRIPTION, int16(1))
    const { socket, ask } = await opened(port, (command, head) => {
      if (command !== COMMAND.deliver) return
      onRecords(head.readUInt32BE(RECORDS_AT))
      socket.write(credit)
    })
    const place = [FROM_THE_FIRST, int16(CHUNKS_AHEAD)]
    await ask(COMMAND.subscribe, SUBSCRIPTION, string(stream), ...place)
    return socket
  },
}

async function opened(
  port: number,
  onFrame: (command: number, head: Buffer) => void,
): Promise<Pick<RabbitConnection, 'socket' | 'ask'>> {
  const connection = await RabbitConnection.open(port, onFrame)
  const ask: RabbitConnection['ask'] = (command, ...parts) => connection.ask(command, ...parts)
  return { socket: connection.socket, ask }
}

/** One request about a stream on a connection of its own. */
async function once({ port, stream }: StreamAt, command: number, ...rest: Buffer[]): Promise<void> {
  const connection = await RabbitConnection.open(port, () => undefined)
  await connection.ask(command, string(stream), ...rest)
  connection.socket.destroy()
}
