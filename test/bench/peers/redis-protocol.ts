/** Redis streams: pipelined XADD, and XREAD from the last id that came. */
import { once } from 'node:events'
import { connected } from '../open-loop.ts'
import type { PeerProtocol, StreamAt } from './peer-protocol.ts'
import { RespReader } from './resp-reader.ts'

const READ_COUNT = 500
/** Of an entry: its id, the field and the value; the stream's name stands before them all. */
const STRINGS_PER_ENTRY = 3

export const redisProtocol: PeerProtocol = {
  // The first XADD makes the stream.
  create: () => Promise.resolve(),
  async remove(at) {
    const onAnswer = (): void => void socket.destroy()
    const reader = new RespReader({ onString: () => undefined, onAnswer })
    const socket = await connected(at.port, chunk => reader.take(chunk))
    socket.write(command('UNLINK', at.stream))
    await once(socket, 'close')
  },
  frame({ stream }, recordBytes, records) {
    if (records !== 1) throw new Error('XADD takes one record')
    return command('XADD', stream, '*', 'v', 'varve-'.padEnd(recordBytes, 'x'))
  },
  publisher(at, onAcknowledged) {
    const onAnswer = (): void => onAcknowledged(1)
    const reader = new RespReader({ onString: () => undefined, onAnswer })
    return connected(at.port, chunk => reader.take(chunk))
  },
  async reader(at, onRecords) {
    let last = '0-0'
    let records = 0
    const reader = new RespReader({
      onString(place, text) {
        if (place === 0 || (place - 1) % STRINGS_PER_ENTRY !== 0) return
        last = text ?? last
        records += 1
      },
      onAnswer() {
        onRecords(records)
        records = 0
        socket.write(readAfter(at, last))
      },
    })
    const socket = await connected(at.port, chunk => reader.take(chunk))
    socket.write(readAfter(at, last))
    return socket
  },
}

function readAfter({ stream }: StreamAt, id: string): Buffer {
  return command('XREAD', 'COUNT', String(READ_COUNT), 'BLOCK', '0', 'STREAMS', stream, id)
}

function command(...words: string[]): Buffer {
  const strings = words.map(word => `$${word.length}\r\n${word}\r\n`)
  return Buffer.from(`*${words.length}\r\n${strings.join('')}`, 'latin1')
}
