/** The data path of a broker over memory, one request at a time: real partitions, a clock that stands still, no sockets. */
import {
  type Api,
  BatchBuilder,
  crc32c,
  nodeCodecs,
  Reader,
  type RequestInput,
  type ResponseInput,
  Writer,
} from '@varve/protocol'
import { loadConfig } from '../../packages/broker/src/config/load.ts'
import { logSettingsOf } from '../../packages/broker/src/config/topic-settings.ts'
import type { BrokerParts } from '../../packages/broker/src/handlers/broker-parts.ts'
import {
  type Handler,
  LATER,
  type RequestContext,
} from '../../packages/broker/src/handlers/handler.ts'
import { Flusher } from '../../packages/broker/src/log/flusher.ts'
import { loadLog } from '../../packages/broker/src/log/load-log.ts'
import type { LogTools } from '../../packages/broker/src/log/log-tools.ts'
import { ProducerQuota } from '../../packages/broker/src/log/producer-quota.ts'
import { ReadBuffers } from '../../packages/broker/src/log/read-buffers.ts'
import { TailCache } from '../../packages/broker/src/log/tail-cache.ts'
import { MemoryClock } from '../../packages/broker/src/memory/clock.ts'
import { MemoryNetwork } from '../../packages/broker/src/memory/network.ts'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { memoryWorld } from '../../packages/broker/src/memory/world.ts'
import { applyAll } from '../../packages/broker/src/metadata/apply.ts'
import type { MetadataChange } from '../../packages/broker/src/metadata/change.ts'
import { emptyImage } from '../../packages/broker/src/metadata/image.ts'
import { FetchSessions } from '../../packages/broker/src/purgatory/fetch-sessions.ts'
import { Purgatory } from '../../packages/broker/src/purgatory/purgatory.ts'
import { Partition } from '../../packages/broker/src/replication/partition.ts'
import type { Log, World } from '../../packages/broker/src/world.ts'
import { plainLimits } from './log-harness.ts'

const quiet: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  with: () => quiet,
}

export const BROKER_ID = 1
export const NOW = 1_700_000_000_000

export interface MemoryBrokerOptions {
  /** Partitions by topic name. The id of the n-th topic is `topicIdOf(n)`. */
  readonly topics: { readonly [name: string]: number }
  readonly settings?: { readonly [name: string]: string }
  readonly authorize?: RequestContext['authorize']
}

export const topicIdOf = (index: number): string =>
  Buffer.alloc(16, index + 1).toString('base64url')

export async function memoryBroker(options: MemoryBrokerOptions) {
  const clock = new MemoryClock({ now: NOW })
  const failures: Error[] = []
  const world = memoryWorld({
    clock,
    random: memoryRandom(7),
    network: new MemoryNetwork(),
    log: quiet,
    fail: reason => void failures.push(reason),
    diskBytes: 2 ** 30,
  })
  const { settings } = loadConfig({
    options: { 'node.id': String(BROKER_ID), ...options.settings },
  })
  const image = applyAll(
    emptyImage('test-cluster'),
    Object.entries(options.topics).flatMap(changesOf),
  )
  const tools = toolsOf(world)
  const partitions = new Map<string, Partition>()
  for (const topic of image.topics.byId.values()) {
    for (const [index, { leaderEpoch }] of topic.partitions.entries()) {
      const directory = `/data/${topic.name}-${index}`
      const identity = { topic: topic.name, topicId: topic.topicId, partition: index, directory }
      await world.disk.makeDirectory('/data')
      const fresh = {
        lastStop: 'clean',
        recovered: undefined,
        recoveryPoint: 0,
        logStartOffset: 0,
        compactedTo: 0,
        missingFolder: 'make',
      } as const
      const state = await loadLog(identity, fresh, tools)
      const partition = new Partition(
        {
          identity,
          settings: logSettingsOf(topic, settings),
          tools,
          kind: 'user',
          persistLogStart: () => Promise.resolve(),
          makeFolder: () => Promise.resolve('NONE'),
        },
        state,
      )
      partition.lead(leaderEpoch)
      partitions.set(`${topic.topicId}-${index}`, partition)
    }
  }
  const broker = {
    world,
    settings,
    brokerId: BROKER_ID,
    clusterId: 'test-cluster',
    dataDirectory: '/data',
    // The metadata stands still: whoever wants to change it in a test of the data path has gone too far.
    metadata: {
      image,
      reached: () => Promise.resolve(),
      onImage: () => () => undefined,
      propose: () => Promise.reject(new Error('the metadata of this broker does not change')),
    },
    partitions: {
      get: (topic: string, index: number) => partitions.get(`${topic}-${index}`),
      getOpened: (topic: string, index: number) => partitions.get(`${topic}-${index}`),
      openAsked: () => undefined,
    },
    fetchSessions: new FetchSessions(
      world,
      settings.int('max.incremental.fetch.session.cache.slots'),
    ),
    purgatory: new Purgatory(clock),
    endpoints: {
      of: (brokerId: number) => ({ brokerId, host: 'broker.example', port: 9092, rack: null }),
      all: () => [],
    },
    apiRanges: [],
  } as unknown as BrokerParts
  const partition = (topic: string, index: number): Partition => {
    const found = partitions.get(`${image.topics.byName.get(topic)?.topicId}-${index}`)
    if (found === undefined) throw new Error(`there is no ${topic}-${index}`)
    return found
  }
  return { broker, clock, world, partition, failures, ask: askerOf(broker, options) }
}

export type MemoryBroker = Awaited<ReturnType<typeof memoryBroker>>

function changesOf([name, count]: [string, number], index: number): MetadataChange[] {
  const topicId = topicIdOf(index)
  const partitions = Array.from(
    { length: count },
    (_, partitionId): MetadataChange => ({
      type: 'PartitionRecord',
      topicId,
      partitionId,
      replicas: [BROKER_ID],
      isr: [BROKER_ID],
      leader: BROKER_ID,
      leaderEpoch: 3,
      partitionEpoch: 0,
    }),
  )
  return [{ type: 'TopicRecord', name, topicId }, ...partitions]
}

function toolsOf(world: World): LogTools {
  const limits = {
    tailCacheBytes: 1_000_000,
    retentionCheckIntervalMs: 300_000,
    producerIdExpirationMs: 86_400_000,
    producerIdExpirationCheckIntervalMs: 600_000,
    producerIdsMax: 1000,
    journalInlineBytesMax: 65_536,
    checkpointIntervalMs: 60_000,
    recoveryMarkBytes: 64 * 1024 * 1024,
    compaction: plainLimits.compaction,
  }
  const flusher = new Flusher({
    world,
    directory: '/data',
    journal: undefined,
    limits: {
      unsyncedBytes: 2 ** 24,
      writeBackBytes: 2 ** 23,
      unsyncedMs: 30_000,
      syncsAtOnce: 2,
      reserve: undefined,
    },
    onFailure: world.fail,
  })
  return {
    world,
    codecs: nodeCodecs(),
    crc32c,
    limits,
    tailCache: new TailCache(limits.tailCacheBytes),
    readBuffers: new ReadBuffers(),
    producerQuota: new ProducerQuota({
      idsMax: 1000,
      expirationMs: 86_400_000,
      sweepIntervalMs: 600_000,
    }),
    flusher,
  }
}

/** One request: what became of it so far, and what a connection would do to it. */
export interface Asked<A extends Api> {
  readonly answer: ResponseInput<A> | undefined
  /** Of a request that gets no answer: it is not done with yet. */
  readonly isInFlight: boolean
  readonly closedFor: string | undefined
  /** Resolves with the answer; for handlers that wait for reads. */
  readonly answered: Promise<ResponseInput<A>>
  supersede(): void
  abandon(): void
  sent(): void
}

function askerOf(broker: BrokerParts, options: MemoryBrokerOptions) {
  return <A extends Api>(
    handler: Handler<A>,
    apiVersion: number,
    input: RequestInput<A>,
  ): Asked<A> => {
    let answer: ResponseInput<A> | undefined
    let closedFor: string | undefined
    let resolve: ((answer: ResponseInput<A>) => void) | undefined
    let reject: (error: unknown) => void = () => undefined
    const answered = new Promise<ResponseInput<A>>((done, failed) => {
      resolve = done
      reject = failed
    })
    const runs: { superseded?: () => void; abandoned?: () => void; sent: (() => void)[] } = {
      sent: [],
    }
    let isInFlight = false
    const give = (response: ResponseInput<A>): void => {
      answer = response
      resolve?.(response)
    }
    const context: RequestContext = {
      apiVersion,
      correlationId: 1,
      clientId: 'test',
      connection: {
        id: 1,
        listener: 'PLAINTEXT',
        securityProtocol: 'PLAINTEXT',
        principal: 'User:ANONYMOUS',
        localAddress: '127.0.0.1',
        localPort: 9092,
        remoteAddress: '127.0.0.1',
      },
      broker,
      authorize: options.authorize ?? (() => true),
      onSuperseded: run => void (runs.superseded = run),
      onAbandoned: run => void (runs.abandoned = run),
      answer: response => give(response as ResponseInput<A>),
      answerNothing: () => void (isInFlight = false),
      fail: error => {
        throw error
      },
      onSent: run => void runs.sent.push(run),
      closeConnection: reason => void (closedFor = reason),
    }
    const writer = new Writer()
    handler.api.request.write(writer, input, apiVersion)
    const request = handler.api.request.read(new Reader(Buffer.concat(writer.finish())), apiVersion)
    const outcome = handler.handle(request as never, context)
    if (outcome instanceof Promise) outcome.then(give, reject)
    else if (outcome === LATER) isInFlight = true
    else if (outcome !== undefined) give(outcome)
    return {
      get isInFlight() {
        return isInFlight
      },
      get answer() {
        return answer
      },
      get closedFor() {
        return closedFor
      },
      answered,
      supersede: () => runs.superseded?.(),
      abandon: () => runs.abandoned?.(),
      sent: () => {
        for (const run of runs.sent.splice(0)) run()
      },
    }
  }
}

/** A batch of text records. */
export function batchOf(
  values: readonly string[],
  producer: { producerId?: number; producerEpoch?: number; baseSequence?: number } = {},
): Buffer {
  const builder = new BatchBuilder()
  for (const [index, value] of values.entries())
    builder.append({ value, timestamp: NOW - 1000 + index })
  return Buffer.from(builder.build(producer))
}
