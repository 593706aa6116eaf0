import {
  type Api,
  ApiVersions,
  apis,
  batchesOf,
  type ErrorName,
  encodeResponse,
  errorCode,
  Fetch,
  FrameReader,
  InitProducerId,
  ListOffsets,
  Metadata,
  Produce,
  Reader,
  RecordBatch,
  type RequestOf,
  type ResponseInput,
  readRequestHeader,
  recordsOf,
  ZERO_UUID,
} from '@varve/protocol'
import type { Address } from '../../packages/client/src/platform.ts'
import { type FakePeer, type FakePipe, FakePlatform } from './fake-platform.ts'

/** What a scripted answer may be: a response, or the end of the connection, or silence. */
export type Scripted<A extends Api> = ResponseInput<A> | 'close' | 'silence'

type Script = (request: never, at: RequestAt) => unknown

export interface RequestAt {
  readonly brokerId: number
  readonly version: number
  readonly api: string
}

interface FakePartition {
  leaderId: number
  leaderEpoch: number
  logStartOffset: number
  batches: Buffer[]
  producers: Map<
    number,
    { epoch: number; batches: { first: number; last: number; baseOffset: number }[] }
  >
}

interface FakeTopic {
  readonly name: string
  readonly topicId: string
  readonly partitions: FakePartition[]
}

/**
 * A cluster in memory that speaks the protocol: simple logs with Kafka's checks of producer sequences. A test scripts
 * single answers with `next` or `always`; everything else gets the answer of a cluster that works.
 */
export class FakeCluster {
  readonly platform: FakePlatform
  readonly requests: {
    readonly api: string
    readonly version: number
    readonly brokerId: number
    readonly request: unknown
  }[] = []
  readonly topics = new Map<string, FakeTopic>()
  /** Brokers that refuse connections. */
  readonly down = new Set<number>()
  /** Overrides of the offered versions, by API key. */
  readonly versions = new Map<number, readonly [number, number] | undefined>()
  /** The levels of features that the cluster says it has finalised. */
  readonly features = new Map<string, number>()
  readonly #once = new Map<number, Script[]>()
  readonly #always = new Map<number, Script>()
  readonly #pipes = new Map<FakePipe, number>()
  /** Connections on which a request got no answer: a broker answers in order, so nothing after it is answered either. */
  readonly #silent = new Set<FakePipe>()
  readonly #parked = new Map<() => void, { readonly pipe: FakePipe; readonly cancel: () => void }>()
  readonly #brokerIds: readonly number[]
  #nextProducerId = 1000

  constructor(brokersCount = 1) {
    this.#brokerIds = Array.from({ length: brokersCount }, (_, index) => index + 1)
    this.platform = new FakePlatform((to, pipe) => this.#accept(to, pipe))
  }

  get addresses(): string[] {
    return this.#brokerIds.map(id => `broker-${id}:9092`)
  }

  addTopic(name: string, partitionsCount: number, topicId = uuidOf(name)): void {
    const partitions = Array.from({ length: partitionsCount }, (_, index) => ({
      leaderId: this.#brokerIds[index % this.#brokerIds.length] as number,
      leaderEpoch: 0,
      logStartOffset: 0,
      batches: [],
      producers: new Map(),
    }))
    this.topics.set(name, { name, topicId, partitions })
  }

  partition(topic: string, partition: number): FakePartition {
    return this.topics.get(topic)?.partitions[partition] as FakePartition
  }

  addPartition(topic: string): void {
    const partition = {
      leaderId: this.#brokerIds[0] as number,
      leaderEpoch: 0,
      logStartOffset: 0,
      batches: [],
      producers: new Map(),
    }
    this.topics.get(topic)?.partitions.push(partition)
  }

  /** Puts a batch at the end of a partition, as if someone had produced it. */
  append(topic: string, partition: number, batch: Buffer): void {
    append(this.partition(topic, partition), batch)
    for (const recheck of this.#parked.keys()) recheck()
  }

  moveLeader(topic: string, partition: number, leaderId: number): void {
    const moved = this.partition(topic, partition)
    moved.leaderId = leaderId
    moved.leaderEpoch += 1
  }

  /** Answers the next request of an API; undefined leaves it to the cluster. */
  next<A extends Api>(
    api: A,
    script: (request: RequestOf<A>, at: RequestAt) => Scripted<A> | undefined,
  ): void {
    const scripts = this.#once.get(api.key) ?? []
    scripts.push(script as Script)
    this.#once.set(api.key, scripts)
  }

  /** Answers all requests of an API. */
  always<A extends Api>(
    api: A,
    script: (request: RequestOf<A>, at: RequestAt) => Scripted<A> | undefined,
  ): void {
    this.#always.set(api.key, script as Script)
  }

  /** Ends all connections to a broker, as if it had crashed. */
  dropConnections(brokerId: number): void {
    for (const [pipe, to] of this.#pipes) if (to === brokerId) pipe.close()
  }

  requestsOf(api: Api): unknown[] {
    return this.requests.filter(request => request.api === api.name).map(({ request }) => request)
  }

  /** The values in a partition, in order, as text. */
  values(topic: string, partition: number): string[] {
    return this.records(topic, partition).map(({ value }) => String(value))
  }

  records(topic: string, partition: number) {
    return this.partition(topic, partition).batches.flatMap(bytes =>
      [...batchesOf(bytes)].flatMap(batch => [...recordsOf(batch, this.platform.codecs)]),
    )
  }

  endOffset(topic: string, partition: number): number {
    const { batches, logStartOffset } = this.partition(topic, partition)
    const last = batches.at(-1)
    return last === undefined ? logStartOffset : new RecordBatch(last).lastOffset + 1
  }

  #accept(to: Address, pipe: FakePipe): FakePeer | undefined {
    const brokerId = Number(to.host.replace('broker-', ''))
    if (this.down.has(brokerId) || !this.#brokerIds.includes(brokerId)) return undefined
    this.#pipes.set(pipe, brokerId)
    const frames = new FrameReader({
      maxFrameBytes: 100_000_000,
      onFrame: frame => this.#serve(Buffer.from(frame), brokerId, pipe),
      onTooLarge: () => pipe.close(),
    })
    return { onBytes: chunk => frames.push(chunk), onClose: () => this.#gone(pipe) }
  }

  #gone(pipe: FakePipe): void {
    this.#pipes.delete(pipe)
    for (const [recheck, parked] of this.#parked) {
      if (parked.pipe !== pipe) continue
      parked.cancel()
      this.#parked.delete(recheck)
    }
  }

  #serve(frame: Buffer, brokerId: number, pipe: FakePipe): void {
    if (this.#silent.has(pipe)) return
    const reader = new Reader(frame)
    const { apiKey, apiVersion: version, correlationId } = readRequestHeader(reader)
    const api = apis.get(apiKey) as Api
    const offered = this.#offered(api)
    if (offered === undefined || version < offered[0] || version > offered[1]) {
      if (apiKey !== ApiVersions.key) {
        pipe.close()
        return
      }
      const [minVersion, maxVersion] = offered ?? [0, 0]
      const refusal = { errorCode: 35, apiKeys: [{ apiKey, minVersion, maxVersion }] }
      this.requests.push({ api: api.name, version, brokerId, request: undefined })
      pipe.send(Buffer.concat(encodeResponse(ApiVersions, 0, correlationId, refusal)))
      return
    }
    const request = api.request.read(reader, version)
    this.requests.push({ api: api.name, version, brokerId, request })
    const script = this.#once.get(apiKey)?.shift() ?? this.#always.get(apiKey)
    const at = { brokerId, version, api: api.name }
    const scripted = script?.(request as never, at)
    const answer = scripted ?? this.#answer(api, request, at)
    if (
      scripted === undefined &&
      api.key === Fetch.key &&
      this.#mustWait(request as RequestOf<typeof Fetch>, answer)
    ) {
      this.#park(request as RequestOf<typeof Fetch>, { api, at, correlationId, pipe })
      return
    }
    if (answer === 'close') pipe.close()
    else if (answer === 'silence') this.#silent.add(pipe)
    else if (answer !== undefined) {
      pipe.send(Buffer.concat(encodeResponse(api, version, correlationId, answer as never)))
    }
  }

  #mustWait(request: RequestOf<typeof Fetch>, answer: unknown): boolean {
    const { responses } = answer as {
      responses: { partitions: { errorCode: number; records: Buffer | null }[] }[]
    }
    const hasNews = ({ errorCode, records }: { errorCode: number; records: Buffer | null }) =>
      errorCode !== 0 || (records !== null && records.length > 0)
    return request.maxWaitMs > 0 && !responses.some(({ partitions }) => partitions.some(hasNews))
  }

  /** Holds a fetch back until there is something to tell, or its time is up. */
  #park(
    request: RequestOf<typeof Fetch>,
    to: { api: Api; at: RequestAt; correlationId: number; pipe: FakePipe },
  ): void {
    const { api, at, correlationId, pipe } = to
    const answer = () => {
      timer.cancel()
      this.#parked.delete(recheck)
      const response = this.#fetch(request, at)
      if (this.#pipes.has(pipe))
        pipe.send(Buffer.concat(encodeResponse(api, at.version, correlationId, response as never)))
    }
    const recheck = () => {
      if (!this.#mustWait(request, this.#fetch(request, at))) answer()
    }
    const timer = this.platform.clock.after(request.maxWaitMs, answer)
    this.#parked.set(recheck, { pipe, cancel: () => timer.cancel() })
  }

  #offered(api: Api): readonly [number, number] | undefined {
    return this.versions.has(api.key) ? this.versions.get(api.key) : api.versions
  }

  #answer(api: Api, request: unknown, at: RequestAt): unknown {
    switch (api.key) {
      case ApiVersions.key:
        return this.#apiVersions()
      case Metadata.key:
        return this.#metadata(request as RequestOf<typeof Metadata>)
      case InitProducerId.key:
        this.#nextProducerId += 1
        return { errorCode: 0, producerId: this.#nextProducerId, producerEpoch: 0 }
      case Produce.key:
        return this.produce(request as RequestOf<typeof Produce>, at)
      case Fetch.key:
        return this.#fetch(request as RequestOf<typeof Fetch>, at)
      case ListOffsets.key:
        return this.#listOffsets(request as RequestOf<typeof ListOffsets>)
    }
    throw new Error(`the fake cluster has no answer for ${api.name}`)
  }

  #apiVersions(): ResponseInput<typeof ApiVersions> {
    const apiKeys = [...apis.values()].flatMap(api => {
      const offered = this.#offered(api)
      return offered === undefined
        ? []
        : [{ apiKey: api.key, minVersion: offered[0], maxVersion: offered[1] }]
    })
    const finalizedFeatures = [...this.features].map(([name, maxVersionLevel]) => {
      return { name, maxVersionLevel, minVersionLevel: maxVersionLevel }
    })
    return { errorCode: 0, apiKeys, finalizedFeaturesEpoch: 1, finalizedFeatures }
  }

  #metadata(request: RequestOf<typeof Metadata>): ResponseInput<typeof Metadata> {
    const names =
      request.topics === null
        ? [...this.topics.keys()]
        : request.topics.map(({ name, topicId }) => name ?? this.#topic('', topicId)?.name ?? '')
    return {
      brokers: this.#brokerIds
        .filter(id => !this.down.has(id))
        .map(nodeId => ({ nodeId, host: `broker-${nodeId}`, port: 9092, rack: null })),
      clusterId: 'fake',
      controllerId: 1,
      topics: names.map(name => {
        const topic = this.topics.get(name)
        if (topic === undefined)
          return { errorCode: 3, name, topicId: ZERO_UUID, isInternal: false, partitions: [] }
        return {
          errorCode: 0,
          name,
          topicId: topic.topicId,
          isInternal: false,
          partitions: topic.partitions.map(({ leaderId, leaderEpoch }, partitionIndex) => ({
            errorCode: 0,
            partitionIndex,
            leaderId: this.down.has(leaderId) ? -1 : leaderId,
            leaderEpoch,
            replicaNodes: [leaderId],
            isrNodes: [leaderId],
            offlineReplicas: [],
          })),
        }
      }),
    }
  }

  /** Appends as a leader does; public, so that a script can append and then lose the answer. */
  produce(
    request: RequestOf<typeof Produce>,
    at: RequestAt,
  ): ResponseInput<typeof Produce> | undefined {
    const responses = request.topicData.map(({ name, topicId, partitionData }) => {
      const topic = this.#topic(name, topicId)
      return {
        name,
        topicId,
        partitionResponses: partitionData.map(({ index, records }) => {
          const partition = topic?.partitions[index]
          const outcome =
            partition === undefined
              ? refusal('UNKNOWN_TOPIC_OR_PARTITION')
              : partition.leaderId !== at.brokerId
                ? refusal('NOT_LEADER_OR_FOLLOWER')
                : append(partition, Buffer.from(records as Uint8Array))
          return { index, ...outcome }
        }),
      }
    })
    return request.acks === 0 ? undefined : { responses }
  }

  #fetch(request: RequestOf<typeof Fetch>, at: RequestAt): ResponseInput<typeof Fetch> | 'silence' {
    const responses = request.topics.map(({ topic: name, topicId, partitions }) => {
      const topic = this.#topic(name, topicId)
      return {
        topic: name,
        topicId,
        partitions: partitions.map(
          ({ partition: partitionIndex, fetchOffset, currentLeaderEpoch }) => {
            const partition = topic?.partitions[partitionIndex]
            if (partition === undefined)
              return fetchRefusal(partitionIndex, 'UNKNOWN_TOPIC_OR_PARTITION')
            if (partition.leaderId !== at.brokerId)
              return fetchRefusal(partitionIndex, 'NOT_LEADER_OR_FOLLOWER')
            if (currentLeaderEpoch >= 0 && currentLeaderEpoch < partition.leaderEpoch) {
              return fetchRefusal(partitionIndex, 'FENCED_LEADER_EPOCH')
            }
            return readFrom(partition, {
              partitionIndex,
              fetchOffset,
              endOffset: this.endOffset(topic?.name ?? '', partitionIndex),
            })
          },
        ),
      }
    })
    return { sessionId: 0, responses }
  }

  #listOffsets(request: RequestOf<typeof ListOffsets>): ResponseInput<typeof ListOffsets> {
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => {
          const partition = this.topics.get(name)?.partitions[partitionIndex]
          if (partition === undefined)
            return { partitionIndex, errorCode: 3, timestamp: -1, offset: -1, leaderEpoch: -1 }
          const found =
            timestamp < 0
              ? undefined
              : this.records(name, partitionIndex).find(record => record.timestamp >= timestamp)
          const offset =
            timestamp === -1
              ? this.endOffset(name, partitionIndex)
              : timestamp === -2
                ? partition.logStartOffset
                : (found?.offset ?? -1)
          return {
            partitionIndex,
            errorCode: 0,
            timestamp: found?.timestamp ?? -1,
            offset,
            leaderEpoch: partition.leaderEpoch,
          }
        }),
      })),
    }
  }

  #topic(name: string, topicId: string): FakeTopic | undefined {
    return name === ''
      ? [...this.topics.values()].find(topic => topic.topicId === topicId)
      : this.topics.get(name)
  }
}

function refusal(error: ErrorName) {
  return { errorCode: errorCode(error), baseOffset: -1 }
}

function fetchRefusal(partitionIndex: number, error: ErrorName) {
  return {
    partitionIndex,
    errorCode: errorCode(error),
    highWatermark: -1,
    abortedTransactions: null,
    records: null,
  }
}

function readFrom(
  partition: FakePartition,
  at: { partitionIndex: number; fetchOffset: number; endOffset: number },
) {
  const { partitionIndex, fetchOffset, endOffset } = at
  if (fetchOffset < partition.logStartOffset || fetchOffset > endOffset) {
    return fetchRefusal(partitionIndex, 'OFFSET_OUT_OF_RANGE')
  }
  const records = Buffer.concat(
    partition.batches.filter(bytes => new RecordBatch(bytes).lastOffset >= fetchOffset),
  )
  return {
    partitionIndex,
    errorCode: 0,
    highWatermark: endOffset,
    lastStableOffset: endOffset,
    abortedTransactions: null,
    records,
  }
}

/** Kafka's rules for producer sequences: one step after the last, or a repetition of one of the last five batches. */
function append(partition: FakePartition, bytes: Buffer) {
  const batch = new RecordBatch(bytes)
  const last = partition.batches.at(-1)
  const baseOffset =
    last === undefined ? partition.logStartOffset : new RecordBatch(last).lastOffset + 1
  if (batch.producerId >= 0) {
    const latest = partition.producers.get(batch.producerId)
    if (latest !== undefined && batch.producerEpoch < latest.epoch)
      return refusal('INVALID_PRODUCER_EPOCH')
    const known = latest?.epoch === batch.producerEpoch ? latest : undefined
    const first = batch.baseSequence
    const lastSequence = batch.lastSequence
    const repeated = known?.batches.find(
      other => other.first === first && other.last === lastSequence,
    )
    if (repeated !== undefined) return { errorCode: 0, baseOffset: repeated.baseOffset }
    const previous = known?.batches.at(-1)
    if (previous !== undefined && first !== previous.last + 1)
      return refusal('OUT_OF_ORDER_SEQUENCE_NUMBER')
    const batches = [...(known?.batches ?? []), { first, last: lastSequence, baseOffset }].slice(-5)
    partition.producers.set(batch.producerId, { epoch: batch.producerEpoch, batches })
  }
  batch.setBaseOffset(baseOffset)
  batch.setPartitionLeaderEpoch(partition.leaderEpoch)
  partition.batches.push(bytes)
  return { errorCode: 0, baseOffset }
}

function uuidOf(name: string): string {
  return Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('base64url')
}
