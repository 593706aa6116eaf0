/** The fetch sessions of a broker (KIP-227): a bounded cache, from which a session that nobody used for a while makes room. */
import type { ErrorName } from '@varve/protocol'
import type { World } from '../world.ts'
import { type FetchPosition, FetchSession } from './fetch-session.ts'

/** A session may be dropped for a new one only after this time without use (`min.incremental.fetch.session.eviction.ms`). */
const EVICTION_AGE_MS = 120_000
/** Partitions that all sessions remember together. Beyond it a fetch gets no session: it works, and keeps nothing. */
const PARTITIONS_MAX = 1_000_000

export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly addressing: 'names' | 'ids'
  readonly positions: readonly FetchPosition[]
  readonly forgotten: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

export type SessionDecision =
  | { readonly type: 'sessionless' }
  /** A new session, whose first answer tells everything. */
  | { readonly type: 'full'; readonly session: FetchSession }
  | { readonly type: 'incremental'; readonly session: FetchSession }
  | { readonly type: 'refused'; readonly error: ErrorName }

const FINAL_EPOCH = -1
const INITIAL_EPOCH = 0

export class FetchSessions {
  readonly #world: World
  readonly #slotsMax: number
  /** Least recently used first. */
  readonly #sessions = new Map<number, FetchSession>()
  #partitionsCount = 0

  constructor(world: World, slotsMax: number) {
    this.#world = world
    this.#slotsMax = slotsMax
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Decides in which session a fetch takes place, and takes its changes into that session. */
  decide(request: SessionRequest): SessionDecision {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      if (sessionId !== 0) this.#remove(this.#sessions.get(sessionId))
      const session = sessionEpoch === INITIAL_EPOCH ? this.#create(request) : undefined
      if (session === undefined) return { type: 'sessionless' }
      for (const position of request.positions) session.put(position)
      this.#partitionsCount += session.size
      return { type: 'full', session }
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return { type: 'refused', error: 'FETCH_SESSION_ID_NOT_FOUND' }
    if (session.expectedEpoch !== sessionEpoch)
      return { type: 'refused', error: 'INVALID_FETCH_SESSION_EPOCH' }
    if (session.addressing !== request.addressing)
      return { type: 'refused', error: 'FETCH_SESSION_TOPIC_ID_ERROR' }
    const sizeBefore = session.size
    for (const position of request.positions) session.put(position)
    for (const { topic, partitions } of request.forgotten) {
      for (const partition of partitions) session.forget(topic, partition)
    }
    this.#partitionsCount += session.size - sizeBefore
    if (session.size === 0) {
      this.#remove(session)
      return { type: 'sessionless' }
    }
    if (this.#partitionsCount > PARTITIONS_MAX) {
      this.#remove(session)
      return { type: 'refused', error: 'FETCH_SESSION_ID_NOT_FOUND' }
    }
    session.nextEpoch()
    this.#touch(session)
    return { type: 'incremental', session }
  }

  metadataChanged(): void {
    for (const session of this.#sessions.values()) session.touchAll()
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close()
    this.#sessions.clear()
    this.#partitionsCount = 0
  }

  #create({ addressing, positions }: SessionRequest): FetchSession | undefined {
    if (this.#partitionsCount + positions.length > PARTITIONS_MAX) return undefined
    const now = this.#world.clock.monotonic()
    if (this.#sessions.size >= this.#slotsMax) {
      const [oldest] = this.#sessions.values()
      if (oldest === undefined || now - oldest.usedAt < EVICTION_AGE_MS) return undefined
      this.#remove(oldest)
    }
    const session = new FetchSession(this.#freeId(), addressing, now)
    this.#sessions.set(session.id, session)
    return session
  }

  #freeId(): number {
    for (;;) {
      const id = 1 + this.#world.random.below(0x7fffffff - 1)
      if (!this.#sessions.has(id)) return id
    }
  }

  #touch(session: FetchSession): void {
    session.usedAt = this.#world.clock.monotonic()
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
  }

  #remove(session: FetchSession | undefined): void {
    if (session === undefined) return
    this.#sessions.delete(session.id)
    this.#partitionsCount -= session.size
    session.close()
  }
}
