import { backoffMs, sleep } from '../backoff.ts'
import { Consumer } from '../consumer/consumer.ts'
import type { ConsumerOptions } from '../consumer/options.ts'
import type { ConsumerBatch } from '../consumer/record.ts'
import type { HandlingContext } from '../consumer/run-options.ts'
import {
  ClosedError,
  ConfigError,
  OutcomeUnknownError,
  TimeoutError,
  TransactionFailedError,
} from '../errors.ts'
import { HANDLING_SHARE } from '../group/membership.ts'
import { functionOption, refuseUnknownOptions, signalOption } from '../options.ts'
import type { Timer } from '../platform.ts'
import type { ProducerOptions } from '../producer/options.ts'
import { Producer } from '../producer/producer.ts'
import type { ClientSettings } from '../settings.ts'
import { within } from '../within.ts'
import { isPassing } from './passing-failure.ts'
import type { Transaction } from './transaction.ts'

/** How `varve.exactlyOnce` works. */
export interface ExactlyOnceOptions {
  /** What is read. `isolationLevel` is `read_committed` unless it says otherwise; the offsets are committed in the transactions. */
  readonly consumer: Omit<ConsumerOptions, 'commit' | 'signal'> & { readonly groupId: string }
  /** How it is written. `transactionalId`: each instance of a program needs one of its own, best the same after a restart. */
  readonly producer: ProducerOptions & { readonly transactionalId: string }
  /**
   * Makes of records of one partition what is to be written, with `transaction.send`; it must neither commit nor abort. It may be
   * called for the same records again, when the transaction could not be committed, so it should do nothing else that counts.
   */
  readonly eachBatch: (
    batch: ConsumerBatch,
    transaction: Transaction,
    context: HandlingContext,
  ) => unknown
  /** Stops: the transaction at work is finished, nothing new begins. It takes `consumer.stopTimeoutMs` at most. */
  readonly signal?: AbortSignal
}

const KNOWN_OPTIONS = [
  'consumer',
  'producer',
  'eachBatch',
  'signal',
] as const satisfies readonly (keyof ExactlyOnceOptions)[]

const STOP_TIMEOUT_MS = 10_000

/** Reads, transforms and writes; what was read counts as read exactly when what was made of it counts as written. */
export async function exactlyOnce(
  settings: ClientSettings,
  options: ExactlyOnceOptions,
): Promise<void> {
  check(options)
  if (options.signal?.aborted) return
  const producer = new Producer(settings, options.producer)
  const stopTime = stopTimeOf(settings, options, () => void producer.close())
  try {
    // Before reading: what a predecessor had sent and not committed keeps its offsets from being read.
    await producer.initTransactions(options.signal === undefined ? {} : { signal: options.signal })
    await readAndWrite(settings, options, producer)
  } catch (error) {
    // A handler that was too late learns that its transaction was taken back; who has stopped it need not.
    const isTooLate = stopTime.hasTakenBack() && error instanceof ClosedError
    const isReason = options.signal?.aborted === true && error === options.signal.reason
    if (!isTooLate && !isReason) throw error
  } finally {
    stopTime.end()
    // Nobody waits longer for a handler that hangs: its transaction is aborted.
    await within(settings.platform.clock, stopTime.leftMs(), producer.close())
  }
}

/** The time that stopping takes, from the signal on. A handler gets its share of it; then `takeBack` has the rest. */
function stopTimeOf(
  { platform: { clock } }: ClientSettings,
  { consumer: { stopTimeoutMs = STOP_TIMEOUT_MS }, signal }: ExactlyOnceOptions,
  takeBack: () => void,
) {
  let leftMs = () => stopTimeoutMs
  let timer: Timer | undefined
  let hasTakenBack = false
  const onAbort = () => {
    const deadline = clock.monotonic() + stopTimeoutMs
    leftMs = () => deadline - clock.monotonic()
    timer = clock.after(stopTimeoutMs * HANDLING_SHARE, () => {
      hasTakenBack = true
      takeBack()
    })
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    leftMs: () => leftMs(),
    hasTakenBack: () => hasTakenBack,
    end: () => {
      timer?.cancel()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

async function readAndWrite(
  settings: ClientSettings,
  options: ExactlyOnceOptions,
  producer: Producer,
): Promise<void> {
  await using consumer = new Consumer(settings, {
    isolationLevel: 'read_committed',
    ...options.consumer,
    commit: 'manual',
  })
  const stop = stopOn(options.signal, () => consumer.close())
  try {
    const work = transform({ settings, options, consumer, producer, isStopping: stop.isStopping })
    await Promise.race([work, stop.stopped])
    // What it failed with while it was stopped is told, too.
    await within(settings.platform.clock, 1, work)
  } finally {
    stop.end()
  }
}

interface Transforming {
  readonly settings: ClientSettings
  readonly options: ExactlyOnceOptions
  readonly consumer: Consumer
  readonly producer: Producer
  readonly isStopping: () => boolean
}

/** Runs until the consumer ends; after a transaction that failed in passing, it reads again what was not committed. */
async function transform(work: Transforming): Promise<void> {
  const { settings, consumer, options, isStopping } = work
  const { platform, retryBackoff, log } = settings
  let failures = 0
  const eachBatch = async (batch: ConsumerBatch, context: HandlingContext) => {
    await inTransaction(work, batch, context)
    failures = 0
  }
  for (;;) {
    try {
      await consumer.run({ eachBatch })
      return
    } catch (error) {
      if (!(error instanceof TransactionFailedError && isPassing(error))) throw error
      failures += 1
      const { groupId } = options.consumer
      log.warn('a transaction failed; its records are read again', { groupId, failures, error })
      await sleep(platform, backoffMs(retryBackoff, failures, platform.random))
      if (isStopping()) return
    }
  }
}

async function inTransaction(
  { producer, consumer, options, isStopping }: Transforming,
  batch: ConsumerBatch,
  context: HandlingContext,
): Promise<void> {
  const last = batch.records.at(-1)
  if (last === undefined) return
  await using transaction = await producer.transaction()
  await options.eachBatch(batch, transaction, context)
  // As the member that owns the partition now; the record knows whether that is still the ownership it was read in.
  await transaction.sendOffsets({ consumer, offsets: last })
  for (;;) {
    try {
      await transaction.commit()
      return
    } catch (error) {
      const mayAskAgain =
        error instanceof OutcomeUnknownError && error.cause instanceof TimeoutError
      if (!mayAskAgain || isStopping()) throw error
    }
  }
}

function stopOn(signal: AbortSignal | undefined, close: () => Promise<void>) {
  let onAbort = () => undefined as undefined
  let isStopping = false
  const stopped = new Promise<void>((resolve, reject) => {
    onAbort = () => {
      isStopping = true
      close().then(resolve, reject)
    }
  })
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  return {
    stopped,
    isStopping: () => isStopping,
    end: () => signal?.removeEventListener('abort', onAbort),
  }
}

function check(options: ExactlyOnceOptions): void {
  refuseUnknownOptions({ of: 'exactlyOnce', options, known: KNOWN_OPTIONS })
  if (options.consumer?.groupId === undefined)
    throw new ConfigError('exactlyOnce: consumer.groupId is missing; its offsets are what counts')
  if (options.producer?.transactionalId === undefined)
    throw new ConfigError('exactlyOnce: producer.transactionalId is missing')
  if (options.eachBatch === undefined) throw new ConfigError('exactlyOnce: eachBatch is missing')
  functionOption({ name: 'eachBatch', value: options.eachBatch })
  signalOption(options.signal)
  const { commit } = options.consumer as ConsumerOptions
  if (commit !== undefined && commit !== 'manual')
    throw new ConfigError(
      'exactlyOnce: the transactions commit the offsets; leave consumer.commit out',
    )
}
