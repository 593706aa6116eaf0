import { FindCoordinator, type FindCoordinatorResponse } from '@varve/protocol'
import { backoffMs, sleep } from '../backoff.ts'
import type { Call } from '../cluster/ask.ts'
import type { Outcome } from '../cluster/outcome.ts'
import { isRetriable, ProtocolError, protocolError } from '../errors.ts'
import { abortable } from '../retry.ts'

/** The broker that looks after a group or a transactional id. */
export interface CoordinatorImage {
  readonly brokerId: number
  readonly host: string
  readonly port: number
}

export interface CoordinatorCall<Item, Result> {
  /** What is asked, each item about one group or transactional id. */
  readonly items: readonly Item[]
  /** Asks one coordinator for its items; gives one result per item, in their order. */
  readonly ask: (
    coordinator: CoordinatorImage,
    items: readonly Item[],
    timeoutMs: number,
  ) => Promise<readonly Result[]>
  /** The result of an item that no coordinator could be asked for. */
  readonly failed: (item: Item, error: ProtocolError) => Result
}

/** Since which version FindCoordinator asks for several keys at once (KIP-699). */
const FIRST_VERSION_BATCHED = 4

/** Errors that say nothing of the group, only of where or when it was asked for. */
const COORDINATOR_ERRORS: ReadonlySet<string> = new Set([
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NETWORK_EXCEPTION',
])

/** Whether the same question may be answered later, or by another broker. */
export function isCoordinatorError(error: ProtocolError | undefined): boolean {
  return error !== undefined && COORDINATOR_ERRORS.has(error.code)
}

/** What is looked after, and which of it an item is about. */
interface Kind<Item> {
  readonly name: 'group' | 'transactional id'
  readonly keyType: 0 | 1
  readonly keyOf: (item: Item) => string
}

/** Asks the coordinators of groups; see `askCoordinatorsOf`. */
export function askCoordinators<Item extends { readonly groupId: string }, Result extends Outcome>(
  call: Call,
  work: CoordinatorCall<Item, Result>,
): Promise<Result[]> {
  return askCoordinatorsOf(
    { name: 'group', keyType: 0, keyOf: ({ groupId }) => groupId },
    call,
    work,
  )
}

/** Asks the coordinators of transactional ids; see `askCoordinatorsOf`. */
export function askTransactionCoordinators<
  Item extends { readonly transactionalId: string },
  Result extends Outcome,
>(call: Call, work: CoordinatorCall<Item, Result>): Promise<Result[]> {
  return askCoordinatorsOf(
    { name: 'transactional id', keyType: 1, keyOf: ({ transactionalId }) => transactionalId },
    call,
    work,
  )
}

/**
 * Asks coordinators, each for its own, in parallel; an item whose result says that its coordinator moved, loads or cannot be
 * reached is asked again until the time is up. The results are in the order of the items.
 */
async function askCoordinatorsOf<Item, Result extends Outcome>(
  kind: Kind<Item>,
  call: Call,
  work: CoordinatorCall<Item, Result>,
): Promise<Result[]> {
  const { settings } = call.cluster
  const { clock, random } = settings.platform
  const deadline = clock.monotonic() + call.timeoutMs
  const known: Known<Item, Result> = { kind, coordinators: new Map(), results: new Map() }
  const { coordinators, results } = known
  let pending = work.items
  for (let failures = 1; pending.length > 0; failures += 1) {
    const remainingMs = Math.max(1, deadline - clock.monotonic())
    const round = { ...work, items: pending }
    await abortable(askOnce({ ...call, timeoutMs: remainingMs }, round, known), call.signal)
    pending = pending.filter(item => isCoordinatorError(results.get(item)?.error))
    for (const item of pending) {
      if (results.get(item)?.error?.code !== 'COORDINATOR_LOAD_IN_PROGRESS')
        coordinators.delete(kind.keyOf(item))
    }
    const waitMs = backoffMs(settings.retryBackoff, failures, random)
    if (clock.monotonic() + waitMs >= deadline) break
    if (pending.length > 0) await sleep(settings.platform, waitMs, call.signal)
  }
  return work.items.map(item => results.get(item) as Result)
}

interface Known<Item, Result> {
  readonly kind: Kind<Item>
  readonly coordinators: Map<string, CoordinatorImage>
  readonly results: Map<Item, Result>
}

async function askOnce<Item, Result>(
  call: Call,
  work: CoordinatorCall<Item, Result>,
  { kind, coordinators, results }: Known<Item, Result>,
): Promise<void> {
  const keys = new Set(work.items.map(kind.keyOf))
  const unknown = [...keys].filter(key => !coordinators.has(key))
  const failures = await findCoordinators(call, { ...kind, keys: unknown }, coordinators)
  const byBroker = new Map<number, Item[]>()
  for (const item of work.items) {
    const key = kind.keyOf(item)
    const coordinator = coordinators.get(key)
    if (coordinator === undefined) {
      const error = failures.get(key) ?? leftOut(kind.name, key)
      results.set(item, work.failed(item, error))
      continue
    }
    const items = byBroker.get(coordinator.brokerId)
    if (items === undefined) byBroker.set(coordinator.brokerId, [item])
    else items.push(item)
  }
  const timeoutMs = Math.min(call.timeoutMs, call.cluster.settings.requestTimeoutMs)
  await Promise.all(
    [...byBroker.values()].map(async items => {
      const coordinator = coordinators.get(kind.keyOf(items[0] as Item)) as CoordinatorImage
      try {
        const answers = await work.ask(coordinator, items, timeoutMs)
        for (const [index, item] of items.entries()) results.set(item, answers[index] as Result)
      } catch (error) {
        const why = asProtocolError(error)
        for (const item of items) results.set(item, work.failed(item, why))
      }
    }),
  )
}

/** What a broker or the way to it refused; anything else is a mistake of ours and thrown on. */
function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  if (!isRetriable(error)) throw error
  return new ProtocolError('NETWORK_EXCEPTION', (error as Error).message)
}

/** Whose coordinators are looked for. */
interface Wanted extends Pick<Kind<never>, 'name' | 'keyType'> {
  readonly keys: readonly string[]
}

/** Finds coordinators, all with one request where the broker can; gives the errors of those that there are none of. */
async function findCoordinators(
  call: Call,
  wanted: Wanted,
  into: Map<string, CoordinatorImage>,
): Promise<ReadonlyMap<string, ProtocolError>> {
  const errors = new Map<string, ProtocolError>()
  if (wanted.keys.length === 0) return errors
  for (const found of await coordinatorsOf(call, wanted)) {
    const { key, nodeId, host, port, errorCode, errorMessage } = found
    const about = `looking for the coordinator of ${wanted.name} ${key}`
    const error = protocolError(errorCode, { about, detail: errorMessage })
    if (error === undefined) into.set(key, { brokerId: nodeId, host, port })
    else errors.set(key, error)
  }
  return errors
}

type Found = FindCoordinatorResponse['coordinators'][number]

async function coordinatorsOf(call: Call, wanted: Wanted): Promise<readonly Found[]> {
  const { name, keyType, keys } = wanted
  const about = `looking for the coordinators of ${name}s`
  const [key = ''] = keys
  try {
    const response = await call.cluster.requestAny(
      FindCoordinator,
      version => {
        if (version >= FIRST_VERSION_BATCHED) return { keyType, coordinatorKeys: [...keys] }
        if (keys.length > 1) throw new ProtocolError('UNSUPPORTED_VERSION', about)
        return version >= 1 ? { key, keyType } : { key }
      },
      { ...call, about },
    )
    return response.coordinators.length === 0 ? [{ ...response, key }] : response.coordinators
  } catch (error) {
    const isOld = error instanceof ProtocolError && error.code === 'UNSUPPORTED_VERSION'
    if (!isOld || keys.length === 1) throw error
    const one = (only: string) => coordinatorsOf(call, { ...wanted, keys: [only] })
    return (await Promise.all(keys.map(one))).flat()
  }
}

function leftOut(name: Wanted['name'], key: string): ProtocolError {
  const about = `looking for the coordinator of ${name} ${key}`
  return new ProtocolError('COORDINATOR_NOT_AVAILABLE', about, 'the broker left it out')
}
