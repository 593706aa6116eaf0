/**
 * Bytes from anywhere: valid messages, batches and compressed data, damaged in the ways that an attacker or a bad cable would choose.
 * Whatever comes of them is a value or one of the named errors, the same from both codecs, no heavier than the bytes allow, and a
 * value that was read can be written and read again.
 */
import { Buffer } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import {
  type AnyMessage,
  batchesOf,
  type Codec,
  CompressionError,
  CorruptRecordsError,
  checkBatch,
  compiledCodec,
  crc32c,
  decodeMetadataRecord,
  type LogRecord,
  type MessageCodec,
  nodeCodecs,
  Reader,
  RecordBatch,
  readRequestHeader,
  recordsIn,
  recordsOf,
  WireError,
  Writer,
  walkingCodec,
  walkRecordLengths,
} from '@varve/protocol'
import fc from 'fast-check'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { messagesByName } from '../../scripts/protocol/messages.ts'
import { damaged } from '../support/damage.ts'
import { messageValues } from '../support/generate-message.ts'
import { golden } from '../support/record-vectors.ts'
import { weightOf } from '../support/weight.ts'

const DAMAGES_PER_VALUE = 24
const DECOMPRESSED_BYTES_MAX = 1 << 20
const ROOM_BYTES = 4096
/** What an element of three bytes may become: an object with this many fields. */
const WEIGHT_PER_BYTE = 32

export interface FuzzOptions {
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
}

/** Each round takes every message in every version, every golden batch and every codec once. Throws at the first that did not hold. */
export const prove = async ({ rounds, seed, log }: FuzzOptions): Promise<object> => {
  const run = new FuzzRun(seed)
  for (let round = 1; round <= rounds; round += 1) {
    const { cases, refused } = run.round(seed + round)
    log(`round ${round}: ${cases} cases, ${refused} refused`)
  }
  return {}
}

interface Target {
  readonly message: AnyMessage
  readonly version: number
  readonly codecs: readonly MessageCodec[]
  readonly emptyWeight: number
}

class FuzzRun {
  readonly #random: Random
  readonly #targets: readonly Target[] = allTargets()
  #cases = 0
  #refused = 0

  constructor(seed: number) {
    this.#random = memoryRandom(seed)
  }

  round(seed: number): { cases: number; refused: number } {
    this.#cases = 0
    this.#refused = 0
    for (const target of this.#targets) this.#fuzzMessage(target, seed)
    for (const { hex } of golden.recordBatches) this.#fuzzRecords(Buffer.from(hex, 'hex'))
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) this.#fuzzCodec(codec)
    return { cases: this.#cases, refused: this.#refused }
  }

  #fuzzMessage(target: Target, seed: number): void {
    const { message, version, codecs, emptyWeight } = target
    const [value] = fc.sample(messageValues(message, version), { numRuns: 1, seed })
    const valid = encoded(codecs[0] as MessageCodec, value)
    for (let index = 0; index < DAMAGES_PER_VALUE; index += 1) {
      const bytes = index === 0 ? this.#withRoom(valid) : damaged(valid, this.#random)
      const context = `${message.name} v${version} ${bytes.toString('hex')}`
      const outcomes = codecs.map(codec => this.#attempt(() => codec.read(new Reader(bytes))))
      const [first] = outcomes
      if (!isDeepStrictEqual(first, outcomes[1])) throw new Error(`the codecs differ: ${context}`)
      if (first === REFUSED) continue
      if (weightOf(first) > 10 + emptyWeight + WEIGHT_PER_BYTE * bytes.length) {
        throw new Error(`too heavy: ${context}`)
      }
      for (const codec of codecs) {
        const again = codec.read(new Reader(encoded(codec, first)))
        if (!isDeepStrictEqual(again, first)) throw new Error(`does not come back: ${context}`)
      }
    }
    const bytes = damaged(valid, this.#random)
    this.#attempt(() => readRequestHeader(new Reader(bytes)))
    this.#attempt(() => decodeMetadataRecord(bytes))
  }

  /** With small values behind it, so that a count that was made larger finds as many elements as it says. */
  #withRoom(valid: Buffer): Buffer {
    const room = Buffer.alloc(ROOM_BYTES, this.#random.below(3))
    const copy = Buffer.concat([valid, room])
    for (let left = 1 + this.#random.below(3); left > 0; left -= 1) {
      const at = this.#random.below(valid.length + 1)
      if (this.#random.below(2) === 0) copy.writeUInt16BE(0x800f, at)
      else copy.writeInt32BE(ROOM_BYTES >> this.#random.below(4), at)
    }
    return copy
  }

  #fuzzRecords(valid: Buffer): void {
    for (let index = 0; index < DAMAGES_PER_VALUE; index += 1) {
      const bytes = damaged(valid, this.#random)
      // Half of them with the right checksum, or nothing behind it would be reached.
      if (bytes.length > 61 && index % 2 === 0) {
        bytes.writeInt32BE(bytes.length - 12, 8)
        new RecordBatch(bytes).writeCrc(crc32c)
      }
      if (bytes.length >= 61) checkBatch(new RecordBatch(bytes), crc32c)
      for (const codecs of allCodecs) {
        this.#attempt(() => [...recordsIn(bytes, codecs, DECOMPRESSED_BYTES_MAX)].map(everything))
        this.#attempt(() => {
          for (const batch of batchesOf(bytes)) {
            walkRecordLengths(batch)
            for (const record of recordsOf(batch, codecs, DECOMPRESSED_BYTES_MAX))
              everything(record)
          }
        })
      }
    }
  }

  #fuzzCodec(codec: Codec): void {
    const content = Buffer.alloc(1 + this.#random.below(70_000))
    const pattern = this.#random.bytes(1 + this.#random.below(40))
    for (let at = 0; at < content.length; at += 1) {
      content[at] = pattern[at % pattern.length] ?? 0
      if (this.#random.below(50) === 0) content[at] = this.#random.below(256)
    }
    for (const writer of allCodecs) {
      const compressed = Buffer.from(writer.compress(codec, content))
      for (const reader of allCodecs) {
        const back = reader.decompress(codec, compressed, DECOMPRESSED_BYTES_MAX)
        if (!content.equals(back)) throw new Error(`${codec} does not come back`)
        for (let index = 0; index < DAMAGES_PER_VALUE; index += 1) {
          const bytes = damaged(compressed, this.#random)
          const result = this.#attempt(() =>
            reader.decompress(codec, bytes, DECOMPRESSED_BYTES_MAX),
          )
          if (result !== REFUSED && (result as Uint8Array).length > DECOMPRESSED_BYTES_MAX) {
            throw new Error(`${codec} gives more than allowed: ${bytes.toString('hex')}`)
          }
        }
      }
    }
  }

  /** What came of it, or that it was refused. Any error but the named ones is the end. */
  #attempt(work: () => unknown): unknown {
    this.#cases += 1
    try {
      return work()
    } catch (error) {
      const isNamed =
        error instanceof WireError ||
        error instanceof CorruptRecordsError ||
        error instanceof CompressionError
      if (!isNamed) throw error
      this.#refused += 1
      return REFUSED
    }
  }
}

const REFUSED = Symbol('refused')

const allCodecs = [nodeCodecs(), nodeCodecs({ prefer: 'portable', snappyFraming: 'raw' })]

const allTargets = (): readonly Target[] =>
  [...messagesByName.values()].flatMap(message => {
    const [first, last] = message.versions
    const emptyWeight = weightOf(message.empty())
    return Array.from({ length: last - first + 1 }, (_, index): Target => {
      const version = first + index
      const layout = message.layout(version)
      const compiled = compiledCodec(layout)
      if (compiled === undefined) throw new Error('code generation is switched off')
      return { message, version, codecs: [compiled, walkingCodec(layout)], emptyWeight }
    })
  })

const encoded = (codec: MessageCodec, value: unknown): Buffer => {
  const writer = new Writer()
  codec.write(writer, value)
  return Buffer.concat(writer.finish())
}

const everything = ({ key, value, headers }: LogRecord): unknown => [key, value, headers]
