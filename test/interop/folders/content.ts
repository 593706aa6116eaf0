/** Writes what a data folder can hold, through real clients: the same again in every round, on whichever broker has the folder. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Producer, Varve } from '@varve/client'
import type { CompressionType } from '@varve/protocol'

export const GROUPS = ['by-hand', 'reader', 'mover'] as const

const CODECS: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
/** One segment per send: each is later than the one before by more than `segment.ms`. */
const STEP_MS = 2_000
const CLEANED_WITHIN_MS = 20_000

/** Makes the topics that all rounds write to. */
export async function makeTopics(varve: Varve): Promise<void> {
  await using admin = varve.admin()
  const ownSegments = { 'segment.ms': 1000 }
  await succeed(
    admin.createTopics([
      { name: 'codecs', partitions: 2, configs: { 'max.message.bytes': 2_000_000 } },
      { name: 'segments', partitions: 1, configs: ownSegments },
      {
        name: 'compacted',
        partitions: 1,
        configs: {
          ...ownSegments,
          'cleanup.policy': 'compact',
          'min.cleanable.dirty.ratio': 0.01,
        },
      },
      { name: 'transfers', partitions: 2 },
      { name: 'cut', partitions: 2, configs: { 'retention.ms': -1 } },
    ]),
  )
}

/** One round: records in every codec, segments, tombstones, transactions, deletions and commits. */
export async function writeRound(varve: Varve, round: number): Promise<void> {
  await using admin = varve.admin()
  await succeed(admin.createTopics([{ name: `round-${round}`, partitions: 1 }]))
  for (const compression of CODECS) await writeCodec(varve, compression, round)
  await using producer = varve.producer()
  await writeSegments(producer, round)
  await writeCompacted(varve, producer, round)
  await writeTransactions(varve, round)
  await writeCut(admin, producer, round)
  await commit(varve, admin, round)
}

async function writeCodec(
  varve: Varve,
  compression: CompressionType,
  round: number,
): Promise<void> {
  await using producer = varve.producer({ compression, lingerMs: 5 })
  await producer.sendBatch(
    Array.from({ length: 40 }, (_, index) => ({
      topic: 'codecs',
      partition: index % 2,
      key: index % 5 === 0 ? null : `${compression} ${index % 7}`,
      value: index % 11 === 0 ? null : `${round} ${compression} `.repeat(1 + (index % 9)),
      headers: [
        { key: 'codec', value: compression },
        { key: 'codec', value: index % 3 === 0 ? null : `again ${index}` },
      ],
    })),
  )
}

async function writeSegments(producer: Producer, round: number): Promise<void> {
  const first = Date.now() - 600_000 + round * 60_000
  for (let index = 0; index < 6; index++)
    await producer.send({
      topic: 'segments',
      key: `${round}-${index}`,
      value: 'x'.repeat(5_000),
      timestamp: first + index * STEP_MS,
    })
}

/** Writes keys again and again, and takes some away; waits until only the newest of each is left. */
async function writeCompacted(varve: Varve, producer: Producer, round: number): Promise<void> {
  const first = Date.now() - 600_000 + round * 60_000
  for (let index = 0; index < 12; index++)
    await producer.send({
      topic: 'compacted',
      key: `${round} ${index % 4}`,
      value: index % 4 === 3 && index > 8 ? null : `${round} ${index}`,
      timestamp: first + index * STEP_MS,
    })
  // The last record lies in the active segment, which is not cleaned: all others must be the newest of their keys.
  const isClean = async (): Promise<boolean> => {
    await using consumer = varve.consumer({
      topics: ['compacted'],
      startAt: 'earliest',
      stopAtEnd: true,
    })
    let ofThisRound = 0
    for await (const { key } of consumer) if (String(key).startsWith(`${round} `)) ofThisRound++
    return ofThisRound <= 5
  }
  const deadline = performance.now() + CLEANED_WITHIN_MS
  while (!(await isClean())) {
    if (performance.now() > deadline)
      throw new Error(`the compacted topic was not cleaned within ${CLEANED_WITHIN_MS} ms`)
    await delay(100)
  }
}

async function writeTransactions(varve: Varve, round: number): Promise<void> {
  await using producer = varve.producer({ transactionalId: 'folders' })
  for (const [number, outcome] of ['commit', 'abort', 'commit', 'abort'].entries()) {
    await using transaction = await producer.transaction()
    for (const partition of [0, 1])
      void transaction.send({
        topic: 'transfers',
        partition,
        key: `${round}-${number}`,
        value: outcome,
      })
    await transaction.sendOffsets({
      groupMetadata: {
        groupId: 'mover',
        generationIdOrMemberEpoch: -1,
        memberId: '',
        groupInstanceId: null,
      },
      offsets: [{ topic: 'codecs', partition: 0, offset: round * 10 + number }],
    })
    if (outcome === 'commit') await transaction.commit()
    else await transaction.abort()
  }
}

/** Partition 0 loses its beginning, partition 1 all that it has. */
async function writeCut(admin: Admin, producer: Producer, round: number): Promise<void> {
  for (const partition of [0, 1])
    await producer.sendBatch(
      Array.from({ length: 10 }, (_, index) => ({
        topic: 'cut',
        partition,
        value: `${round}-${index}`,
      })),
    )
  await succeed(
    admin.deleteRecords([
      { topic: 'cut', partition: 0, offset: round * 10 + 4 },
      { topic: 'cut', partition: 1, offset: -1 },
    ]),
  )
}

async function commit(varve: Varve, admin: Admin, round: number): Promise<void> {
  await succeed(
    admin.alterGroupOffsets('by-hand', [
      { topic: 'segments', partition: 0, offset: round + 1, metadata: `in round ${round}` },
      { topic: 'codecs', partition: 1, offset: 7 },
    ]),
  )
  await using consumer = varve.consumer({
    groupId: 'reader',
    topics: ['transfers', `round-${round}`],
    startAt: 'earliest',
  })
  let read = 0
  for await (const _ of consumer) if (++read === 4) break
}

async function succeed(
  outcomes: Promise<readonly { readonly error?: Error | undefined }[]>,
): Promise<void> {
  for (const { error } of await outcomes) if (error !== undefined) throw error
}
