import type { Api, ResponseOf } from '@varve/protocol'
import { backoffMs, sleep } from '../backoff.ts'
import { ConnectionError, isRetriable, ProtocolError } from '../errors.ts'
import type { InputFor } from '../network/connection.ts'
import { retrying } from '../retry.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerImage } from './image.ts'

/** How one call works. */
export interface CallOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A call with its time limit decided. */
export interface Call {
  readonly cluster: Cluster
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Completes a call's options. */
export function callOf(cluster: Cluster, options: CallOptions, timeoutMs: number): Call {
  return { cluster, timeoutMs: options.timeoutMs ?? timeoutMs, signal: options.signal }
}

/** Asks the controller, again after a new look at the cluster when the answer says that it is another broker. */
export function askController<A extends Api>(
  call: Call,
  api: A,
  input: InputFor<A>,
  errorCodesOf: (response: ResponseOf<A>) => readonly number[],
): Promise<ResponseOf<A>> {
  const { cluster } = call
  return retrying(cluster.settings, { ...call, about: api.name }, async remainingMs => {
    const controller = await cluster.controller(call.signal)
    try {
      const timeoutMs = Math.min(remainingMs, cluster.settings.requestTimeoutMs)
      const response = await cluster.request(controller, api, input, { timeoutMs })
      if (errorCodesOf(response).includes(NOT_CONTROLLER)) {
        throw new ProtocolError('NOT_CONTROLLER', api.name)
      }
      return response
    } catch (error) {
      if (isRetriable(error)) await cluster.refresh()
      throw error
    }
  })
}

const NOT_CONTROLLER = 41

/** Asks the broker with this id. */
export function askBroker<A extends Api>(
  call: Call,
  brokerId: number,
  api: A,
  input: InputFor<A>,
): Promise<ResponseOf<A>> {
  const { cluster } = call
  return retrying(cluster.settings, { ...call, about: api.name }, async remainingMs => {
    if (!cluster.image.brokers.has(brokerId)) await cluster.refresh()
    const broker = cluster.image.brokers.get(brokerId)
    if (broker === undefined) throw new ConnectionError(`the cluster names no broker ${brokerId}`)
    const timeoutMs = Math.min(remainingMs, cluster.settings.requestTimeoutMs)
    return cluster.request(broker, api, input, { timeoutMs })
  })
}

export interface LeaderCall<Item, Result> {
  readonly items: readonly Item[]
  /** Asks one leader for its items; gives one result per item, in their order. */
  readonly ask: (
    leader: BrokerImage,
    items: readonly Item[],
    timeoutMs: number,
  ) => Promise<readonly Result[]>
  /** The result of an item that no leader could be asked for. */
  readonly failed: (item: Item, error: ProtocolError) => Result
}

/** How often a topic that does not exist is looked for: one that was just created may not be known everywhere yet. */
const UNKNOWN_TOPIC_ATTEMPTS = 3

/**
 * Asks the leaders of partitions, each for its own, in parallel; an item whose result is a retriable error is asked again
 * until the time is up. The results are in the order of the items.
 */
export async function askLeaders<
  Item extends { readonly topic: string; readonly partition: number },
  Result extends { readonly error: ProtocolError | undefined },
>(call: Call, work: LeaderCall<Item, Result>): Promise<Result[]> {
  const { cluster, signal } = call
  const { clock, random } = cluster.settings.platform
  const deadline = clock.monotonic() + call.timeoutMs
  const results = new Map<Item, Result>()
  for (const { topic } of work.items) cluster.track(topic)
  let pending: readonly Item[] = work.items
  for (let failures = 0; ; failures += 1) {
    if (
      failures > 0 ||
      cluster.isStale ||
      pending.some(item => leaderOf(cluster, item) === undefined)
    ) {
      await retrying(cluster.settings, { ...call, about: 'looking up leaders' }, () =>
        cluster.refresh(),
      )
    }
    const requestMs = Math.max(
      1,
      Math.min(cluster.settings.requestTimeoutMs, deadline - clock.monotonic()),
    )
    await askOnce(call, { ...work, items: pending }, { results, requestMs })
    pending = pending.filter(item => {
      const error = results.get(item)?.error
      if (error === undefined || !error.retriable) return false
      return error.error !== 'UNKNOWN_TOPIC_OR_PARTITION' || failures + 1 < UNKNOWN_TOPIC_ATTEMPTS
    })
    const waitMs = backoffMs(cluster.settings.retryBackoff, failures + 1, random)
    if (pending.length === 0 || clock.monotonic() + waitMs >= deadline) break
    await sleep(cluster.settings.platform, waitMs, signal)
  }
  return work.items.map(item => results.get(item) as Result)
}

function leaderOf(
  cluster: Cluster,
  item: { topic: string; partition: number },
): BrokerImage | undefined {
  return cluster.leaderOf(item.topic, item.partition)
}

async function askOnce<Item extends { topic: string; partition: number }, Result>(
  { cluster }: Call,
  work: LeaderCall<Item, Result>,
  { results, requestMs }: { results: Map<Item, Result>; requestMs: number },
): Promise<void> {
  const byLeader = new Map<BrokerImage, Item[]>()
  for (const item of work.items) {
    const leader = leaderOf(cluster, item)
    if (leader === undefined) {
      results.set(item, work.failed(item, whyNoLeader(cluster, item)))
      continue
    }
    const items = byLeader.get(leader)
    if (items === undefined) byLeader.set(leader, [item])
    else items.push(item)
  }
  await Promise.all(
    [...byLeader].map(async ([leader, items]) => {
      try {
        const answers = await work.ask(leader, items, requestMs)
        for (const [index, item] of items.entries()) results.set(item, answers[index] as Result)
      } catch (error) {
        if (!isRetriable(error)) throw error
        const about = `${(error as Error).message}`
        for (const item of items) {
          const why =
            error instanceof ProtocolError ? error : new ProtocolError('NETWORK_EXCEPTION', about)
          results.set(item, work.failed(item, why))
        }
      }
    }),
  )
}

function whyNoLeader(cluster: Cluster, item: { topic: string; partition: number }): ProtocolError {
  const about = `partition ${item.topic}-${item.partition}`
  const topic = cluster.image.topics.get(item.topic)
  if (topic === undefined) return new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', about)
  if (topic.error !== undefined) return topic.error
  const partition = topic.partitions[item.partition]
  if (partition === undefined) return new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', about)
  return partition.error ?? new ProtocolError('LEADER_NOT_AVAILABLE', about)
}
