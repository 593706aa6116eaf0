import { backoffMs } from '../backoff.ts'
import type { InHand } from '../consumer/in-hand.ts'
import type { ReadPartition } from '../consumer/read-partition.ts'
import { asError, ClosedError, FencedError, ProtocolError, TimeoutError } from '../errors.ts'
import { WakeUp } from '../wake-up.ts'
import { partitionKey } from './assignors/claims.ts'
import type { MemberIdentity } from './membership.ts'
import { commitOffsets, type OffsetRequestParts, type OffsetToCommit } from './offset-requests.ts'
import type { CommitPolicy } from './options.ts'
import { isUnknownTopic, reactionTo } from './reaction.ts'

/** The least time between two commits of `after-handling`: what a crash may have handled a second time. */
const PAUSE_MS = 50
const FAILURES_PER_WARNING = 10

/** What is to be committed, and the ownership that entitles to it: none for a consumer that is not a member. */
export interface CommitItem extends OffsetToCommit {
  readonly source: ReadPartition | undefined
}

interface Ticket {
  readonly items: readonly CommitItem[]
  readonly deadline: number
  /** Why its offsets are still not committed, and how often they were sent. */
  cause: Error | undefined
  attempts: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Why a partition was not committed, and whether it is tried again. */
interface Refusal {
  readonly error: Error
  readonly mayRepeat: boolean
}

/** By the key of a partition; those that are not in it are committed. */
type Outcomes = ReadonlyMap<string, Refusal>

export interface CommitterParts extends OffsetRequestParts {
  readonly policy: CommitPolicy
  readonly identity: () => MemberIdentity | undefined
  readonly partitions: () => readonly ReadPartition[]
  /** A commit was refused in a way that says something about the membership; false when there is none. */
  readonly onRefused: (error: unknown, identity: MemberIdentity) => boolean
  /** Commits cannot succeed at all: the reader has to be told. */
  readonly onFailure: (error: Error) => void
}

/**
 * Commits offsets: one request at a time, which takes along all that has come together meanwhile. Each offset belongs to an
 * ownership. When that has ended, the offset is not sent, however often its commit was tried before: what was handled under
 * an old generation must not be committed under a new one.
 */
export class Committer {
  readonly #parts: CommitterParts
  readonly #wakeUp: WakeUp
  readonly #pauseMs: number
  #tickets: Ticket[] = []
  #isWanted = false
  #isSending = false
  #isClosed = false
  #nextAt = 0
  #retryAt = 0
  #failures = 0

  constructor(parts: CommitterParts) {
    this.#parts = parts
    this.#wakeUp = new WakeUp(parts.cluster.settings.platform.clock, () => this.#pump())
    this.#pauseMs = typeof parts.policy === 'object' ? parts.policy.intervalMs : PAUSE_MS
    if (typeof parts.policy === 'object') this.#nextAt = this.#now() + this.#pauseMs
  }

  /** Records were handled. */
  note(): void {
    if (this.#isWanted || this.#parts.policy === 'manual') return
    this.#isWanted = true
    if (!this.#isSending) this.#wakeUp.at(Math.max(this.#nextAt, this.#retryAt))
  }

  /** Commits what was handled of these partitions, now. */
  commitHandled(partitions: readonly ReadPartition[], timeoutMs: number): Promise<void> {
    return this.commit(partitions.flatMap(handledItem), timeoutMs)
  }

  /** Settled when the offsets are committed, or cannot be. */
  commit(items: readonly CommitItem[], timeoutMs: number): Promise<void> {
    if (items.length === 0) return Promise.resolve()
    if (this.#isClosed) return Promise.reject(closedBefore())
    return new Promise((resolve, reject) => {
      const deadline = this.#now() + timeoutMs
      this.#tickets.push({ items, deadline, cause: undefined, attempts: 0, resolve, reject })
      this.#wakeUp.at(deadline)
      this.#pump()
    })
  }

  /** Sends nothing more. */
  close(): void {
    this.#isClosed = true
    this.#wakeUp.cancel()
    this.#rejectTickets(closedBefore)
  }

  #pump(): void {
    if (this.#isClosed) return
    const now = this.#now()
    this.#rejectTickets(ticket => whyNot(ticket, now))
    if (this.#isSending) return
    const isDue = this.#isWanted && now >= this.#nextAt
    if (!isDue && this.#tickets.length === 0) {
      if (this.#isWanted) this.#wakeUp.at(this.#nextAt)
      return
    }
    const identity = this.#parts.identity()
    if (identity === undefined || now < this.#retryAt) {
      // Between two generations there is nobody to commit as; a moment later there may be.
      this.#wakeUp.at(
        Math.max(this.#retryAt, now + this.#parts.cluster.settings.retryBackoff.firstMs),
      )
      return
    }
    const items = new Map<string, CommitItem>()
    if (isDue) {
      this.#isWanted = false
      for (const partition of this.#parts.partitions())
        for (const item of handledItem(partition)) items.set(partitionKey(item), item)
    }
    for (const ticket of this.#tickets)
      for (const item of ticket.items) items.set(partitionKey(item), item)
    if (items.size > 0) this.#send([...items.values()], identity)
  }

  #send(items: readonly CommitItem[], identity: MemberIdentity): void {
    const tickets = this.#tickets
    this.#tickets = []
    this.#isSending = true
    this.#nextAt = this.#now() + this.#pauseMs
    // A seek while it is under way begins anew: what is committed then says nothing of what is read again.
    const inHands = new Map(items.map(item => [item, item.source?.inHand]))
    commitOffsets(this.#parts, identity, items)
      .then(
        errors => this.#outcomes(errors, identity),
        (error: unknown) => {
          const failure = asError(error)
          return this.#outcomes(new Map(items.map(item => [partitionKey(item), failure])), identity)
        },
      )
      .then(outcomes => {
        this.#isSending = false
        this.#noteCommitted(inHands, outcomes)
        this.#settle(tickets, outcomes)
        this.#pump()
      })
      .catch((error: unknown) => this.#parts.onFailure(asError(error)))
  }

  /** What becomes of each partition that was not committed: it is sent again, or it failed for good. */
  #outcomes(errors: ReadonlyMap<string, Error>, identity: MemberIdentity): Outcomes {
    const [first] = errors.values()
    if (first === undefined) this.#failures = 0
    else this.#repeatLater(first)
    // The answers mostly say the same of all partitions; what it means for the membership is said once.
    const verdicts = new Map<string, boolean>()
    const outcomes = new Map<string, Refusal>()
    for (const [key, error] of errors) {
      const kind = error instanceof ProtocolError ? error.error : error.message
      const mayRepeat = verdicts.get(kind) ?? this.#mayRepeat(error, identity)
      verdicts.set(kind, mayRepeat)
      outcomes.set(key, { error, mayRepeat })
    }
    return outcomes
  }

  /** Whether the same commit may succeed later, if its partitions are still ours then. */
  #mayRepeat(error: Error, identity: MemberIdentity): boolean {
    if (error instanceof ProtocolError && error.error === 'STALE_MEMBER_EPOCH')
      return this.#parts.onRefused(error, identity)
    switch (reactionTo(error)) {
      case 'retry':
      case 'rejoin':
        return true
      case 'find-coordinator':
        this.#parts.coordinator.forget()
        return true
      case 'rejoin-lost':
      case 'rejoin-new':
        return this.#parts.onRefused(error, identity)
      case 'give-up':
        if (error instanceof ProtocolError && error.error === 'FENCED_INSTANCE_ID')
          this.#parts.onRefused(error, identity)
        return false
    }
  }

  #repeatLater(error: Error): void {
    const { cluster, groupId } = this.#parts
    const { retryBackoff, platform, log } = cluster.settings
    this.#failures += 1
    if (isUnknownTopic(error)) cluster.refreshSoon()
    this.#isWanted = this.#parts.policy !== 'manual'
    this.#retryAt = this.#now() + backoffMs(retryBackoff, this.#failures, platform.random)
    const level = this.#failures % FAILURES_PER_WARNING === 0 ? 'warn' : 'debug'
    log[level]('could not commit offsets', { groupId, failures: this.#failures, error })
  }

  #noteCommitted(inHands: ReadonlyMap<CommitItem, InHand | undefined>, outcomes: Outcomes): void {
    for (const [item, inHand] of inHands) {
      if (outcomes.has(partitionKey(item)) || item.source === undefined) continue
      item.source.committedOffset = item.offset
      inHand?.committed(item.offset)
    }
  }

  /** Settles the callers that are done; what the others want is sent again, before what came later. */
  #settle(tickets: readonly Ticket[], outcomes: Outcomes): void {
    const again: Ticket[] = []
    const unheard = new Map(outcomes)
    for (const ticket of tickets) {
      const own = ticket.items.flatMap(item => outcomes.get(partitionKey(item)) ?? [])
      for (const item of ticket.items) unheard.delete(partitionKey(item))
      ticket.attempts += 1
      ticket.cause = own[0]?.error
      const failure = own.find(refusal => isFinal(refusal, ticket.attempts))
      if (failure !== undefined) ticket.reject(failure.error)
      else if (own.length > 0) again.push(ticket)
      else ticket.resolve()
    }
    this.#tickets = [...again, ...this.#tickets]
    const failure = [...unheard.values()].find(({ mayRepeat }) => !mayRepeat)
    if (failure !== undefined) this.#parts.onFailure(failure.error)
  }

  #rejectTickets(why: (ticket: Ticket) => Error | undefined): void {
    this.#tickets = this.#tickets.filter(ticket => {
      const reason = why(ticket)
      if (reason !== undefined) ticket.reject(reason)
      return reason === undefined
    })
  }

  #now(): number {
    return this.#parts.cluster.settings.platform.clock.monotonic()
  }
}

/** What may be committed of a partition now, unless it already is. */
function handledItem(source: ReadPartition): readonly CommitItem[] {
  const { topic, partition, handledOffset: offset } = source
  if (offset < 0 || offset === source.committedOffset) return []
  return [{ topic, partition, offset, source }]
}

/** A topic that was just created may not be known everywhere yet; one that is not known after so many attempts is gone. */
const UNKNOWN_TOPIC_ATTEMPTS = 3

function isFinal({ error, mayRepeat }: Refusal, attempts: number): boolean {
  return !mayRepeat || (isUnknownTopic(error) && attempts >= UNKNOWN_TOPIC_ATTEMPTS)
}

function closedBefore(): Error {
  return new ClosedError('the consumer was closed before the commit')
}

/** Why the offsets of a caller are not sent any more. */
function whyNot({ items, deadline, cause }: Ticket, now: number): Error | undefined {
  const gone = items.find(({ source }) => source?.ended.aborted)
  if (gone !== undefined) {
    const name = `${gone.topic}-${gone.partition}`
    return new FencedError(
      `${name} belongs to another consumer; offset ${gone.offset} is not committed`,
    )
  }
  if (now < deadline) return undefined
  const why = cause === undefined ? 'the group has no generation to commit in' : cause.message
  return new TimeoutError(`offsets could not be committed in time: ${why}`, { cause })
}
