import {
  type ErrorName,
  errorCode,
  Fetch,
  type FetchRequest,
  type ResponseInput,
} from '@varve/protocol'
import type { FetchPosition, FetchSession } from '../purgatory/fetch-session.ts'
import type { ParkedFetch } from '../purgatory/purgatory.ts'
import type { AddedBytes } from '../replication/partition.ts'
import { FetchAnswer } from './fetch-answer.ts'
import { FetchAssessment, type FetchTerms } from './fetch-assessment.ts'
import { CLUSTER_RESOURCE, handler, LATER, type RequestContext } from './handler.ts'
import { openAsked } from './open-asked.ts'

/** Versions from here on address topics by id (KIP-516). */
const TOPIC_IDS_SINCE = 13
/** Versions from here on have the replica's id in a struct (KIP-903). */
const REPLICA_STATE_SINCE = 15

/**
 * Reads batches as they lie in the log. When there is less than the client wants, the request waits in the purgatory; it is
 * answered early when another request stands behind it on the connection.
 */
export const fetch = handler(Fetch, ['Read Topic', 'ClusterAction Cluster'], (request, context) => {
  const addressing = context.apiVersion >= TOPIC_IDS_SINCE ? 'ids' : 'names'
  const positions = positionsOf(request, addressing)
  const decision = context.broker.fetchSessions.decide({
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    addressing,
    positions,
    forgotten: request.forgottenTopicsData.map(({ topic, topicId, partitions }) => ({
      topic: addressing === 'ids' ? topicId : topic,
      partitions,
    })),
  })
  const terms = termsOf(request, context, addressing)
  const opening = openAsked(context.broker, addressing, positions)
  switch (decision.type) {
    case 'refused':
      return refused(decision.error)
    case 'sessionless':
      return begin(new SessionlessFetch(positions, terms, context), request, { context, opening })
    case 'full':
    case 'incremental':
      return begin(new SessionFetch(decision.session, decision.type, { terms, context }), request, {
        ...{ context, opening },
      })
  }
})

function positionsOf(request: FetchRequest, addressing: 'names' | 'ids'): FetchPosition[] {
  const positions: FetchPosition[] = []
  for (const { topic, topicId, partitions } of request.topics) {
    const address = addressing === 'ids' ? topicId : topic
    for (const partition of partitions) {
      positions.push({
        topic: address,
        partition: partition.partition,
        fetchOffset: partition.fetchOffset,
        maxBytes: partition.partitionMaxBytes,
        currentLeaderEpoch: partition.currentLeaderEpoch,
        lastFetchedEpoch: partition.lastFetchedEpoch,
      })
    }
  }
  return positions
}

function termsOf(
  request: FetchRequest,
  context: RequestContext,
  addressing: 'names' | 'ids',
): FetchTerms {
  const maxBytes = Math.max(
    0,
    Math.min(request.maxBytes, context.broker.settings.int('fetch.max.bytes')),
  )
  const replicaId =
    context.apiVersion >= REPLICA_STATE_SINCE ? request.replicaState.replicaId : request.replicaId
  return {
    addressing,
    maxBytes,
    minBytes: Math.min(request.minBytes, maxBytes),
    upTo: request.isolationLevel === 1 ? 'last stable offset' : 'high watermark',
    replicaError: replicaId >= 0 ? replicaError(context) : undefined,
  }
}

/** A follower must be allowed to be one; and a broker that stands alone has none. */
function replicaError(context: RequestContext): ErrorName {
  return context.authorize('ClusterAction', 'Cluster', CLUSTER_RESOURCE)
    ? 'NOT_LEADER_OR_FOLLOWER'
    : 'TOPIC_AUTHORIZATION_FAILED'
}

function refused(error: ErrorName): ResponseInput<typeof Fetch> {
  return { errorCode: errorCode(error), sessionId: 0, responses: [] }
}

/** A fetch within a session or without one. */
interface PendingFetch {
  /** Whether the request asks for any partition at all. */
  readonly isEmpty: boolean
  /** Looks at the partitions and says what there is. */
  assess(): FetchAssessment
  /** Feeds the waiting fetch with what becomes readable, until `unwatch`. */
  watch(parked: ParkedFetch): void
  unwatch(): void
  answer(
    assessment: FetchAssessment,
  ): ResponseInput<typeof Fetch> | Promise<ResponseInput<typeof Fetch>>
}

function begin(
  pending: PendingFetch,
  request: FetchRequest,
  { context, opening }: { readonly context: RequestContext; readonly opening: Opening },
): ResponseInput<typeof Fetch> | Promise<ResponseInput<typeof Fetch>> | typeof LATER {
  if (opening === undefined) return beginNow(pending, request, context)
  let { maxWaitMs } = request
  // Who stands behind it by then will not wait for more than the logs.
  context.onSuperseded(() => {
    maxWaitMs = 0
  })
  opening
    .then(() => beginNow(pending, { ...request, maxWaitMs }, context))
    .then(response => {
      if (response !== LATER) context.answer(response)
    })
    .catch(error => context.fail(error))
  return LATER
}

type Opening = Promise<void> | undefined

function beginNow(
  pending: PendingFetch,
  request: FetchRequest,
  context: RequestContext,
): ResponseInput<typeof Fetch> | Promise<ResponseInput<typeof Fetch>> | typeof LATER {
  const assessment = pending.assess()
  if (request.maxWaitMs <= 0 || pending.isEmpty || assessment.answersNow)
    return pending.answer(assessment)
  const finish = (): void => {
    pending.unwatch()
    const answer = pending.answer(pending.assess())
    if (!(answer instanceof Promise)) context.answer(answer)
    else answer.then(response => context.answer(response)).catch(error => context.fail(error))
  }
  const parked = context.broker.purgatory.park({
    missingBytes: assessment.missingBytes,
    maxWaitMs: Math.min(request.maxWaitMs, context.broker.settings.int('fetch.max.wait.max.ms')),
    done: finish,
  })
  pending.watch(parked)
  context.onSuperseded(() => parked.endNow())
  context.onAbandoned(() => {
    parked.drop()
    pending.unwatch()
  })
  return LATER
}

/** What of it counts for this fetch. */
function readable({ committedBytes, stableBytes }: AddedBytes, { upTo }: FetchTerms): number {
  return upTo === 'last stable offset' ? stableBytes : committedBytes
}

class SessionlessFetch implements PendingFetch {
  readonly #positions: readonly FetchPosition[]
  readonly #terms: FetchTerms
  readonly #context: RequestContext
  #assessment: FetchAssessment | undefined
  #watcher: { advanced(partition: unknown, added: AddedBytes): void } | undefined

  constructor(positions: readonly FetchPosition[], terms: FetchTerms, context: RequestContext) {
    this.#positions = positions
    this.#terms = terms
    this.#context = context
  }

  get isEmpty(): boolean {
    return this.#positions.length === 0
  }

  assess(): FetchAssessment {
    this.#assessment = new FetchAssessment(this.#terms, this.#context)
    for (const position of this.#positions) this.#assessment.add(position, undefined)
    return this.#assessment
  }

  watch(parked: ParkedFetch): void {
    const watcher = {
      advanced: (_partition: unknown, added: AddedBytes) =>
        parked.add(readable(added, this.#terms)),
    }
    this.#watcher = watcher
    for (const { partition } of this.#assessment?.entries ?? []) partition?.watch(watcher)
  }

  unwatch(): void {
    const watcher = this.#watcher
    if (watcher === undefined) return
    this.#watcher = undefined
    for (const { partition } of this.#assessment?.entries ?? []) partition?.unwatch(watcher)
  }

  answer(
    assessment: FetchAssessment,
  ): ResponseInput<typeof Fetch> | Promise<ResponseInput<typeof Fetch>> {
    return new FetchAnswer(this.#terms, this.#context, {
      sessionId: 0,
      telling: 'everything',
    }).give(assessment)
  }
}

class SessionFetch implements PendingFetch {
  readonly #session: FetchSession
  readonly #telling: 'everything' | 'changes'
  readonly #terms: FetchTerms
  readonly #context: RequestContext

  constructor(
    session: FetchSession,
    type: 'full' | 'incremental',
    { terms, context }: { readonly terms: FetchTerms; readonly context: RequestContext },
  ) {
    this.#session = session
    this.#telling = type === 'full' ? 'everything' : 'changes'
    this.#terms = terms
    this.#context = context
  }

  get isEmpty(): boolean {
    return this.#session.size === 0
  }

  assess(): FetchAssessment {
    const assessment = new FetchAssessment(this.#terms, this.#context)
    for (const entry of this.#session.changed) {
      const { partition } = assessment.add(entry.position, entry)
      entry.watch(partition)
    }
    return assessment
  }

  watch(parked: ParkedFetch): void {
    this.#session.onBytes = added => parked.add(readable(added, this.#terms))
  }

  unwatch(): void {
    this.#session.onBytes = undefined
  }

  answer(
    assessment: FetchAssessment,
  ): ResponseInput<typeof Fetch> | Promise<ResponseInput<typeof Fetch>> {
    const about = { sessionId: this.#session.id, telling: this.#telling, session: this.#session }
    return new FetchAnswer(this.#terms, this.#context, about).give(assessment)
  }
}
