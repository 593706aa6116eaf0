/**
 * The least that a Kafka broker in Node can be: frames, a walk to the batch, its checksum, one append per turn, the answer.
 * What a broker of ours does beyond this is what it costs. Its only argument says how it appends:
 *
 * - `cached`: into the page cache, a file for each partition.
 * - `synced`: group commit into one preallocated file: what came meanwhile is written with one call, synced, and answered; one at a time.
 *
 * Started with `fork`: says `{ port }`. It is told `'reset'`, to empty its files, and how to answer fetches: `'memory'`, the same mebibyte
 * from memory; `'file'`, batches of one size from the partition's file; `'tail'`, each batch to whoever waits for it.
 */
import { createServer, Socket } from 'node:net'
import { crc32c } from '@varve/protocol'
import { sendAll } from './null-answers.ts'
import { NullFetches } from './null-fetch.ts'
import { GroupCommit, NullFiles } from './null-files.ts'

const FETCH_KEY = 1
const RECEIVE_BYTES = 65_536
const MAX_FRAME_BYTES = 4 * 1024 * 1024

const NOTHING = Buffer.alloc(0)

const isSynced = process.argv[2] === 'synced'
const files = new NullFiles()
const groupCommit = isSynced ? new GroupCommit(files.folder) : undefined
files.isElsewhere = isSynced
const fetches = new NullFetches(files)

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
  #pieces = NOTHING
  #piecesBytes = 0
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
    if (this.#pieces === NOTHING) this.#pieces = Buffer.allocUnsafeSlow(MAX_FRAME_BYTES)
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
      if (groupCommit === undefined) this.#write()
      this.#piecesBytes = 0
    }
    return at + taken
  }

  #serve(frame: Buffer): void {
    const correlationId = frame.readInt32BE(4)
    if (frame.readInt16BE(0) === FETCH_KEY)
      fetches.answer(frame, this.#socket, parts => this.#answers.push(...parts))
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
    const baseOffset = isIntact ? files.take(partition, batch, count) : 0
    const errorCode = isIntact ? 0 : 2
    const answer = produceAnswer({ correlationId, name, partition, errorCode, baseOffset })
    if (groupCommit === undefined) this.#answers.push(answer)
    else groupCommit.add(batch, this.#socket, answer)
  }

  #write(): void {
    files.write()
    if (fetches.isTail) fetches.wake()
  }

  #endOfTurn(): void {
    if (groupCommit === undefined) this.#write()
    else groupCommit.start()
    const answers = this.#answers
    this.#answers = []
    sendAll(this.#socket, answers)
  }
}

interface ProduceAnswer {
  readonly correlationId: number
  readonly name: Buffer
  readonly partition: number
  readonly errorCode: number
  readonly baseOffset: number
}

function produceAnswer(facts: ProduceAnswer): Buffer {
  const { correlationId, name, partition, errorCode, baseOffset } = facts
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
  answer.writeInt32BE(baseOffset, at + 4)
  answer.fill(0xff, at + 8, at + 16)
  answer.fill(0, at + 16)
  answer[at + 24] = 1
  return answer
}

/** What comes is used up within the call, so all connections receive into the same memory. */
const received = Buffer.allocUnsafeSlow(RECEIVE_BYTES)

/** Node gives a server's socket no static receive buffer; wrapping its handle again does, where the handle can be had. */
function receive(accepted: Socket): void {
  const wrapped = accepted as unknown as { _handle: object | null }
  const handle = wrapped._handle
  wrapped._handle = null
  const options = {
    handle,
    onread: {
      buffer: received,
      callback(bytes: number) {
        connection.take(received.subarray(0, bytes))
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
  process.send?.({
    port: typeof address === 'object' ? address?.port : undefined,
    folder: files.folder,
  })
})

process.on('message', (message: string) => {
  if (message === 'reset') {
    files.reset()
    fetches.serve('memory')
  } else if (message === 'memory' || message === 'file' || message === 'tail') {
    fetches.serve(message)
  }
  process.send?.(message)
})
process.on('disconnect', () => {
  files.close()
  process.exit(0)
})
