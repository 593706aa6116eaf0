/** One run of the power-loss proof: the steps, what they promised, the crash, and a look at what came back. */
import { BatchBuilder, nodeCodecs } from '@varve/protocol'
import type { PartitionLog } from '../../../packages/broker/src/log/partition-log.ts'
import { memoryRandom } from '../../../packages/broker/src/memory/random.ts'
import type { Partition } from '../../../packages/broker/src/replication/partition.ts'
import { DiskImage } from '../../support/disk-image.ts'
import { ModelDisk } from '../../support/model-disk.ts'
import { fold } from '../../support/transactional-log.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { faultsOf, sequencesOf } from './found.ts'
import { History, type Sent } from './history.ts'
import { PARTITIONS, type PlanSettings, type PowerStep, PRODUCERS } from './plan.ts'

const codecs = nodeCodecs()
const KEYS = 4

/** What breaks a rule on purpose, so that the proof can be seen to notice. */
export type Mutation = (disk: ModelDisk) => void

/** A batch of which a byte has changed on the disk. */
export interface Rot {
  readonly partition: number
  /** Everything below has to be there, or the partition offline. */
  readonly promised: number
}

export interface Counts {
  steps: number
  operations: number
  restarts: number
  appends: number
  refused: number
}

export class PowerRun {
  readonly #mutate: Mutation
  histories: readonly History[]
  readonly counts: Counts = { steps: 0, operations: 0, restarts: 0, appends: 0, refused: 0 }
  engine: Engine
  #options: EngineOptions
  /** Nothing was lost on the disk since the last start but what a failed sync dropped. */
  #syncFailed = false
  #values = 0

  constructor(settings: PlanSettings, mutate: Mutation) {
    this.#mutate = mutate
    this.histories = PARTITIONS.map(({ topic, partition }) => new History(`${topic}-${partition}`))
    this.#options = { settings, leaderEpoch: 0, now: 1_000, flushMode: 'durable' }
    const disk = new ModelDisk(new DiskImage())
    mutate(disk)
    this.engine = new Engine(disk, this.#options)
  }

  /** The same run up to now, to be crashed in another way. */
  fork(): PowerRun {
    const { settings } = this.#options
    const fork = new PowerRun(settings, this.#mutate)
    fork.histories = this.histories.map(history => history.clone())
    fork.engine = this.engine
    fork.#options = this.#options
    fork.#values = this.#values
    return fork
  }

  async open(): Promise<void> {
    await this.engine.open()
    this.observe()
  }

  async take(step: PowerStep): Promise<void> {
    this.counts.steps += 1
    await this.#take(step)
    this.observe()
    // A broker whose storage has failed ends.
    if (this.engine.harness.failures.length > 0) await this.#kill()
  }

  #take(step: PowerStep): Promise<void> | void {
    const { engine } = this
    switch (step.type) {
      case 'append':
        return this.#append(step)
      case 'end transaction':
        return this.#endTransaction(step)
      case 'nothing':
        return undefined
      case 'turn':
        return engine.turn()
      case 'some syncs':
        return engine.someSyncs(memoryRandom(step.seed))
      case 'rest':
        return engine.rest()
      case 'wait':
        return engine.wait(step.ms)
      case 'delete records':
        return this.#deleteRecords(step.to, step.share)
      case 'turn flush mode':
        return engine.turnFlushMode()
      case 'read':
        return this.#read(step.to)
      case 'fill disk':
        engine.disk.capacityBytes = 1
        return undefined
      case 'free disk':
        engine.disk.capacityBytes = Number.POSITIVE_INFINITY
        return undefined
      case 'fail write':
        return this.#failWrite(step.to)
      case 'fail sync':
        return this.#failSync(step)
      case 'kill':
        return this.#kill()
      case 'restart':
        return this.#restart()
    }
  }

  // -------------------------------------------------------------- what clients do

  #append(step: Extract<PowerStep, { type: 'append' }>): void {
    const history = this.histories[step.to] as History
    const partition = this.engine.partition(step.to)
    const isCompacted = PARTITIONS[step.to]?.topic === 'compacted'
    const kind = PRODUCERS[step.producer]
    const isTransactional = !isCompacted && (kind === 'v1' || kind === 'v2')
    const producerId = kind === 'plain' ? -1 : step.producer
    const known = sequencesOf(history.live).get(producerId)
    const producer = {
      producerId,
      producerEpoch: producerId < 0 ? -1 : (known?.epoch ?? 0),
      baseSequence: producerId < 0 ? -1 : (known?.nextSequence ?? 0),
    }
    const records = Array.from({ length: step.count }, () => {
      const number = this.#values++
      return { key: `key-${number % KEYS}`, value: `${number}:${'x'.repeat(step.sizeBytes)}` }
    })
    const builder = new BatchBuilder()
    const timestamp = this.engine.world.clock.now()
    for (const record of records) builder.append({ ...record, timestamp })
    const { compression } = step
    const bytes = Buffer.from(builder.build({ ...producer, isTransactional, compression, codecs }))
    const appended = appendTo(partition, Buffer.from(bytes), timestamp)
    if (appended === undefined) {
      this.counts.refused += 1
      return
    }
    if (appended.outcome === 'duplicate') throw new Error('T1: what is new is called a duplicate')
    this.counts.appends += 1
    const { baseOffset, lastOffset } = appended
    this.#sent(step.to, {
      ...producer,
      ...{ baseOffset, lastOffset, records, bytes },
      kind: isTransactional ? 'data' : 'plain',
    })
  }

  #endTransaction({ to, producer, result }: Extract<PowerStep, { type: 'end transaction' }>): void {
    const history = this.histories[to] as History
    const known = fold(history.live).producers.get(producer)
    if (known === undefined || known.firstOffset < 0) return
    const isV2 = PRODUCERS[producer] === 'v2'
    const producerEpoch = known.epoch + (isV2 ? 1 : 0)
    const appended = this.engine.partition(to).appendMarker(
      {
        ...{ producerId: producer, producerEpoch, coordinatorEpoch: 3, result },
        transactionVersion: isV2 ? 2 : 0,
      },
      this.engine.world.clock.now(),
    )
    if ('error' in appended) {
      if (appended.error !== 'KAFKA_STORAGE_ERROR') throw new Error(`T4: ${appended.message}`)
      return
    }
    const { baseOffset, lastOffset } = appended
    const marker = { producerId: producer, producerEpoch, baseSequence: -1, kind: result }
    this.#sent(to, { ...marker, baseOffset, lastOffset, records: [], bytes: undefined })
  }

  #sent(index: number, sent: Sent): void {
    const { engine } = this
    const history = this.histories[index] as History
    const partition = engine.partition(index)
    history.sent(sent)
    const isDurable = () => partition.settings?.flushMode === 'durable'
    const wasDurable = isDurable()
    // While the mode changes, what was relaxed for a moment may be gone.
    partition.whenCommitted(sent.lastOffset + 1, error => {
      if (error === 'NONE' && wasDurable && isDurable())
        history.promise(engine.at, sent.lastOffset + 1, 'acknowledged')
    })
  }

  async #deleteRecords(index: number, share: number): Promise<void> {
    const { engine } = this
    const partition = engine.partition(index)
    const history = this.histories[index] as History
    const { logStartOffset, highWatermark } = partition
    const offset = logStartOffset + Math.floor(share * (highWatermark - logStartOffset))
    const deleted = partition.deleteRecordsBefore(offset).then(
      result => {
        if (typeof result !== 'string') history.deletedTo(engine.at, offset)
      },
      () => undefined,
    )
    await engine.turn()
    void deleted
  }

  async #read(index: number): Promise<void> {
    const partition = this.engine.partition(index)
    if (partition.isOffline) return
    const history = this.histories[index] as History
    const offset = partition.logStartOffset
    const request = { offset, maxBytes: 1_000_000, firstBatchWhole: true } as const
    const isLeaving = partition.log?.segments.leavingBelow(offset) !== undefined
    const reading = partition.read({ ...request, upTo: 'high watermark' })
    // Whether the segment leaves the log is decided by a sync.
    if (isLeaving) await this.engine.rest()
    const read = await reading
    read.release?.()
    if (this.neverRelaxed(index)) history.promise(this.engine.at, partition.highWatermark, 'read')
  }

  // -------------------------------------------------------------- what happens to the machine

  async #failWrite(index: number): Promise<void> {
    const { topic, partition } = PARTITIONS[index] as (typeof PARTITIONS)[number]
    const { disk } = this.engine
    disk.fault = (call, path) => {
      const isHit = call === 'write' && path.includes(`/${topic}-${partition}/`)
      if (isHit) disk.fault = () => undefined
      return isHit ? 'EIO' : undefined
    }
    await this.engine.turn()
    disk.fault = () => undefined
  }

  /** A sync fails: the kernel has dropped what was to be written, and calls it clean. The broker ends; the next one looks at the same cache. */
  async #failSync({ of, seed }: Extract<PowerStep, { type: 'fail sync' }>): Promise<void> {
    const { engine } = this
    const { disk } = engine
    disk.fault = (call, path) => {
      const kind = path.endsWith('.journal') ? 'journal' : 'segment'
      const isHit = call === 'sync' && (of === 'any' || of === kind)
      if (isHit) {
        disk.fault = () => undefined
        this.#syncFailed = true
      }
      return isHit ? 'EIO' : undefined
    }
    await engine.wait(300)
    await engine.rest()
    disk.fault = () => undefined
    if (!this.#syncFailed) return
    this.observe()
    const random = memoryRandom(seed)
    disk.evict(() => random.below(2) === 0)
    await this.#kill()
  }

  async #kill(): Promise<void> {
    const { engine } = this
    const written = this.histories.map((_, index) => engine.partition(index).log?.writtenEnd ?? 0)
    const isCacheWhole = !this.#syncFailed
    const random = memoryRandom(1 + engine.at)
    engine.disk.endAppends(sizeBytes => random.below(3) * random.below(sizeBytes))
    await this.#startAgain(this.#options.leaderEpoch + 1)
    for (const [index, history] of this.histories.entries()) {
      const { logEndOffset } = this.engine.partition(index)
      if (isCacheWhole && logEndOffset < (written[index] ?? 0))
        throw new Error(
          `${history.name}: was written to ${written[index]}, ends at ${logEndOffset}`,
        )
    }
  }

  async #restart(): Promise<void> {
    const { engine } = this
    engine.disk.capacityBytes = Number.POSITIVE_INFINITY
    await engine.rest()
    this.observe()
    const ends = this.histories.map((_, index) => engine.partition(index))
    const whole = ends.map(partition => (partition.isOffline ? 0 : partition.logEndOffset))
    await engine.close()
    for (const [index, history] of this.histories.entries())
      history.promise(engine.at, whole[index] ?? 0, 'stopped')
    await this.#startAgain(this.#options.leaderEpoch)
  }

  async #startAgain(leaderEpoch: number): Promise<void> {
    const { engine } = this
    await this.#startOn(new ModelDisk(new DiskImage(), engine.disk), leaderEpoch)
    await this.check(engine.at, undefined)
    this.#adopt()
    this.observe()
  }

  async #startOn(disk: ModelDisk, leaderEpoch: number): Promise<void> {
    const { engine } = this
    this.#options = {
      ...this.#options,
      leaderEpoch,
      now: engine.world.clock.now(),
      flushMode: engine.flushMode,
    }
    this.counts.restarts += 1
    this.#mutate(disk)
    this.engine = new Engine(disk, this.#options)
    await this.engine.open()
    this.#syncFailed = false
  }

  /** The power goes after so many operations of the disk, which is left with `disk`; a broker starts on it. */
  async startAfterPowerLoss(count: number, disk: ModelDisk, rot: Rot | undefined): Promise<void> {
    for (const history of this.histories) history.rewindTo(count)
    await this.#startOn(disk, this.#options.leaderEpoch + 1)
    await this.check(0, rot)
    if (rot !== undefined) return
    this.#adopt()
    this.observe()
  }

  /** Throws when something is not as it was promised. */
  async check(at: number, rot: Rot | undefined): Promise<void> {
    for (const [index, history] of this.histories.entries()) {
      const partition = this.engine.partition(index)
      const rotted = rot?.partition === index ? rot : undefined
      if (partition.isOffline) {
        if (rotted !== undefined) continue
        throw new Error(`${history.name}: offline: ${this.engine.world.errors.join(' ')}`)
      }
      const cleanup = PARTITIONS[index]?.topic === 'compacted' ? 'compact' : 'delete'
      const promised = rotted?.promised
      const now = this.engine.at
      const faults = await faultsOf(partition, history, { at, now, cleanup, promised })
      if (faults.length > 0) throw new Error(faults.join('\n'))
    }
  }

  /** T1: what idempotent producers sent last is known. */
  resend(): void {
    for (const [index, history] of this.histories.entries()) {
      const partition = this.engine.partition(index)
      for (const producerId of [1, 2]) {
        const newest = history.live.filter(sent => sent.producerId === producerId).slice(-5)
        for (const { bytes, baseOffset } of newest) {
          const result = partition.append(Buffer.from(bytes as Buffer), { now: 1_000 })
          const isKnown = !('error' in result) && result.outcome === 'duplicate'
          if (!isKnown || result.baseOffset !== baseOffset)
            throw new Error(`${history.name}: T1: ${baseOffset} again is ${JSON.stringify(result)}`)
        }
      }
    }
  }

  /** What was not there after a start is no more, and what was is safe. */
  #adopt(): void {
    for (const [index, history] of this.histories.entries()) {
      const { logEndOffset } = this.engine.partition(index)
      history.endsAt(logEndOffset)
      history.promise(this.engine.at, logEndOffset, 'recovered')
    }
  }

  /** Writes down what everybody can see at this moment. */
  observe(): void {
    const { at } = this.engine
    this.counts.operations = at
    for (const [index, history] of this.histories.entries()) {
      const partition = this.engine.partition(index)
      const { log } = partition
      if (log === undefined) continue
      history.endsAt(log.logEndOffset)
      history.startsAt(at, startsOf(log))
      history.promise(at, log.recoveryPoint, 'synced')
      if (this.neverRelaxed(index)) history.promise(at, partition.highWatermark, 'read')
    }
  }

  neverRelaxed(index: number): boolean {
    const { topic } = PARTITIONS[index] as (typeof PARTITIONS)[number]
    return topic === 'durable' || topic === 'compacted'
  }
}

/** What readers are told of the log's start, and where a start after a crash might find it: a segment may have lost its name already. */
function startsOf(log: PartitionLog): { readonly told: number; readonly most: number } {
  const { segments, logStartOffset, nextStartOffset, firstHeldOffset } = log
  const second = segments.leavingBelow(segments.first.baseOffset) && segments.all[1]?.baseOffset
  return {
    told: logStartOffset,
    most: Math.max(nextStartOffset, firstHeldOffset, second ?? 0),
  }
}

/** What became of it; undefined when the disk failed, or no segment has room for it. */
export function appendTo(partition: Partition, bytes: Buffer, now: number) {
  const result = partition.append(bytes, { now, verification: 'off' })
  if (!('error' in result)) return result
  if (result.error === 'KAFKA_STORAGE_ERROR' || result.error === 'RECORD_LIST_TOO_LARGE')
    return undefined
  throw new Error(`${result.error}: ${result.message}`)
}
