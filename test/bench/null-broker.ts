/**
 * The least that a Kafka broker in Node can be: frames, a walk to the batch, its checksum, one append per turn, the answer.
 * No durability beyond the page cache, one topic, one file. What a broker of ours does beyond this is what it costs.
 * Started with `fork`: says `{ port }`, empties its file at `'reset'`.
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writevSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32c } from '@varve/protocol'

const FETCH_KEY = 1
const FETCHED_BYTES = 1024 * 1024
const RECEIVE_BYTES = 65_536
const MAX_FRAME_BYTES = 4 * 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), 'varve-null-broker-'))
const file = openSync(join(folder, 'log'), 'a')
const fetched = Buffer.alloc(FETCHED_BYTES, 'varve-')
let nextOffset = 0

/** Reads as unsigned varint at `position`: the value, and where it ends. */
let varintEnd = 0
function varint(bytes: Buffer, position: number): number {
  let value = 0
  let shift = 0
  for (let at = position; ; at += 1) {
    const byte = bytes[at] ?? 0
    value |= (byte & 0x7f) << shift
    shift += 7
    if (byte < 0x80) {
      varintEnd = at + 1
      return value
    }
  }
}

class NullConnection {
  readonly #socket: Socket
  /** A frame that came in pieces is put together here; the memory is used again and again. */
  readonly #pieces = Buffer.allocUnsafeSlow(MAX_FRAME_BYTES)
  #piecesBytes = 0
  #appends: Buffer[] = []
  #answers: Buffer[] = []

  constructor(socket: Socket) {
    this.#socket = socket
  }

  take(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#piecesBytes > 0) at = this.#join(chunk, at)
      else if (chunk.length - at >= 4 && chunk.length - at >= 4 + chunk.readInt32BE(at)) {
        const end = at + 4 + chunk.readInt32BE(at)
        this.#serve(chunk.subarray(at + 4, end))
        at = end
      } else at = this.#join(chunk, at)
    }
    this.#endOfTurn()
  }

  #join(chunk: Buffer, from: number): number {
    let at = from
    while (this.#piecesBytes < 4 && at < chunk.length)
      this.#pieces[this.#piecesBytes++] = chunk[at++] ?? 0
    if (this.#piecesBytes < 4) return at
    const wanted = 4 + this.#pieces.readInt32BE(0)
    const taken = Math.min(wanted - this.#piecesBytes, chunk.length - at)
    chunk.copy(this.#pieces, this.#piecesBytes, at, at + taken)
    this.#piecesBytes += taken
    if (this.#piecesBytes === wanted) {
      this.#serve(this.#pieces.subarray(4, wanted))
      // The next frame may take the same memory: what it holds is written first.
      this.#write()
      this.#piecesBytes = 0
    }
    return at + taken
  }

  #serve(frame: Buffer): void {
    const correlationId = frame.readInt32BE(4)
    if (frame.readInt16BE(0) === FETCH_KEY) this.#fetch(correlationId)
    else this.#produce(frame, correlationId)
  }

  #produce(frame: Buffer, correlationId: number): void {
    // Header 2: key, version, correlation id, client id, tags. Body: transactional id, acks, timeout, topics ...
    let at = 10 + Math.max(frame.readInt16BE(8), 0) + 1
    at += 1 + 2 + 4 + 1
    const nameBytes = varint(frame, at) - 1
    const name = frame.subarray(varintEnd, varintEnd + nameBytes)
    at = varintEnd + nameBytes + 1
    const partition = frame.readInt32BE(at)
    const batchBytes = varint(frame, at + 4) - 1
    const batch = frame.subarray(varintEnd, varintEnd + batchBytes)
    const isWhole = batch.length === 12 + batch.readInt32BE(8) && batch[16] === 2
    const isIntact = isWhole && crc32c(batch, 21, batch.length) === batch.readUInt32BE(17)
    const count = batch.readInt32BE(57)
    if (isIntact) {
      batch.writeInt32BE(0, 0)
      batch.writeInt32BE(nextOffset, 4)
      this.#appends.push(batch)
    }
    this.#answers.push(
      produceAnswer({ correlationId, name, partition, errorCode: isIntact ? 0 : 2 }),
    )
    nextOffset += count
  }

  #fetch(correlationId: number): void {
    // Throttle, error, session, one topic 'null', partition 0, no error, three offsets, no transactions, no replica.
    const head = Buffer.alloc(4 + 4 + 1 + 4 + 2 + 4 + 1 + 5 + 1 + 4 + 2 + 24 + 1 + 4 + 3)
    head.writeInt32BE(head.length - 4 + fetched.length + 3, 0)
    head.writeInt32BE(correlationId, 4)
    this.#answers.push(head, fetched, Buffer.alloc(3))
  }

  #write(): void {
    if (this.#appends.length > 0) writevSync(file, this.#appends)
    this.#appends = []
  }

  #endOfTurn(): void {
    this.#write()
    const answers = this.#answers
    this.#answers = []
    const [only] = answers
    if (answers.length === 1 && only !== undefined) this.#socket.write(only)
    else if (answers.length > 1 && answers.every(({ length }) => length < 1024))
      this.#socket.write(Buffer.concat(answers))
    else if (answers.length > 1) {
      this.#socket.cork()
      for (const answer of answers) this.#socket.write(answer)
      this.#socket.uncork()
    }
  }
}

interface ProduceAnswer {
  readonly correlationId: number
  readonly name: Buffer
  readonly partition: number
  readonly errorCode: number
}

function produceAnswer({ correlationId, name, partition, errorCode }: ProduceAnswer): Buffer {
  const answer = Buffer.allocUnsafe(
    4 + 4 + 1 + 1 + 1 + name.length + 1 + 4 + 2 + 24 + 3 + 1 + 4 + 1,
  )
  answer.writeInt32BE(answer.length - 4, 0)
  answer.writeInt32BE(correlationId, 4)
  answer[8] = 0
  answer[9] = 2
  answer[10] = name.length + 1
  name.copy(answer, 11)
  let at = 11 + name.length
  answer[at] = 2
  answer.writeInt32BE(partition, at + 1)
  answer.writeInt16BE(errorCode, at + 5)
  at += 7
  answer.writeInt32BE(0, at)
  answer.writeInt32BE(nextOffset, at + 4)
  answer.fill(0xff, at + 8, at + 16)
  answer.fill(0, at + 16)
  answer[at + 24] = 1
  return answer
}

/** Node gives a server's socket no static receive buffer; wrapping its handle again does, where the handle can be had. */
function receive(accepted: Socket): void {
  const wrapped = accepted as unknown as { _handle: object | null }
  const handle = wrapped._handle
  wrapped._handle = null
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES)
  const options = {
    handle,
    onread: {
      buffer,
      callback(bytes: number) {
        connection.take(buffer.subarray(0, bytes))
        return true
      },
    },
  }
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0])
  const connection = new NullConnection(socket)
  socket.on('error', () => socket.destroy())
  socket.setNoDelay(true)
  socket.resume()
}

const server = createServer({ pauseOnConnect: true }, receive)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
})

process.on('message', message => {
  if (message !== 'reset') return
  ftruncateSync(file, 0)
  process.send?.('reset')
})
process.on('disconnect', () => {
  closeSync(file)
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
