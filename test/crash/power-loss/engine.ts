/** The storage engine of one process over the model disk: partitions, flusher, journal, housekeeping, under a clock that stands still. */
import type { LogSettings } from '../../../packages/broker/src/log/log-settings.ts'
import type { MetadataImage, TopicImage } from '../../../packages/broker/src/metadata/image.ts'
import { emptyImage } from '../../../packages/broker/src/metadata/image.ts'
import type { Partition } from '../../../packages/broker/src/replication/partition.ts'
import type { Random } from '../../../packages/broker/src/world.ts'
import { type QuietWorld, quietWorld, settle } from '../../support/journal-world.ts'
import {
  type LogHarness,
  openHarness,
  plainLimits,
  plainSettings,
} from '../../support/log-harness.ts'
import type { ModelDisk } from '../../support/model-disk.ts'
import { PARTITIONS, type PlanSettings } from './plan.ts'

export type FlushMode = LogSettings['flushMode']

/** What one process hands to the next. */
export interface EngineOptions {
  readonly settings: PlanSettings
  readonly leaderEpoch: number
  readonly now: number
  /** Of `turning`. */
  readonly flushMode: FlushMode
}

const TURNS_MAX = 400

export class Engine {
  readonly disk: ModelDisk
  readonly world: QuietWorld
  readonly #options: EngineOptions
  readonly #held: (() => void)[] = []
  #harness: LogHarness | undefined
  flushMode: FlushMode

  constructor(disk: ModelDisk, options: EngineOptions) {
    this.disk = disk
    this.#options = options
    this.world = quietWorld(disk)
    this.world.clock.jumpWallClock(options.now - this.world.clock.now())
    this.flushMode = options.flushMode
    const { syncs, writes } = options.settings
    disk.hold = (call, path) => {
      if (call === 'append' && (writes === undefined || !path.endsWith('.log'))) return undefined
      return syncs === 'held' || call === 'append'
        ? new Promise(resolve => this.#held.push(resolve))
        : Promise.resolve()
    }
  }

  /** Starts, recovering what there is. Rejects as a start does. */
  async open(): Promise<void> {
    this.#harness = await this.#until(this.#open())
    // What is open is as it was recovered; a log that a clean stop left to be looked through is so when somebody asks for it.
    await this.#until(this.#harness.directory.openAll())
  }

  #open(): Promise<LogHarness> {
    const { settings, leaderEpoch } = this.#options
    return openHarness(this.world, {
      image: imageOf(leaderEpoch),
      settingsOf: topic => this.settingsOf(topic.name),
      limits: {
        tailCacheBytes: settings.tailCacheBytes,
        journalInlineBytesMax: settings.inlineBytesMax,
        checkpointIntervalMs: settings.checkpointIntervalMs,
        recoveryMarkBytes: settings.recoveryMarkBytes,
        compaction: { ...plainLimits.compaction, readBytes: 1_024 },
      },
      journalLimits: {
        firstFileBytes: 16_384,
        fileBytes: settings.journalFileBytes,
        fileCountMax: settings.journalFileCountMax,
      },
      unsyncedBytes: settings.unsyncedBytes,
      ...(settings.writes === undefined ? {} : { poolWriteBytes: 1 }),
    })
  }

  settingsOf(topic: string): LogSettings {
    const { settings } = this.#options
    const modes: Record<string, FlushMode> = { relaxed: 'relaxed', turning: this.flushMode }
    const isCompacted = topic === 'compacted'
    return {
      ...plainSettings,
      segmentBytes: settings.segmentBytes,
      indexIntervalBytes: settings.indexIntervalBytes,
      flushMode: modes[topic] ?? 'durable',
      flushMessages: settings.flushMessages,
      flushMs: settings.flushMs,
      retentionBytes: isCompacted ? -1 : settings.retentionBytes,
      retentionMs: isCompacted ? -1 : settings.retentionMs,
      fileDeleteDelayMs: settings.fileDeleteDelayMs,
      cleanupPolicy: isCompacted ? ['compact'] : ['delete'],
      minCleanableDirtyRatio: 0,
    }
  }

  get harness(): LogHarness {
    if (this.#harness === undefined) throw new Error('the engine is not open')
    return this.#harness
  }

  /** Operations of the disk so far: what the moments of a run are counted by. */
  get at(): number {
    return this.disk.operations.length
  }

  partition(index: number): Partition {
    const { topic, partition } = PARTITIONS[index] as (typeof PARTITIONS)[number]
    const found = this.harness.directory.getByName(topic, partition)
    if (found === undefined) throw new Error(`there is no ${topic}-${partition}`)
    return found
  }

  turnFlushMode(): void {
    this.flushMode = this.flushMode === 'durable' ? 'relaxed' : 'durable'
    this.harness.directory.configureAll(imageOf(this.#options.leaderEpoch))
  }

  async turn(): Promise<void> {
    this.world.clock.turn()
    await settle()
    this.world.clock.turn()
  }

  /** Lets some of the syncs and writes that are under way end, in any order. */
  async someSyncs(random: Random): Promise<void> {
    for (let count = random.below(this.#held.length + 1); count > 0; count--) {
      const [release] = this.#held.splice(random.below(this.#held.length), 1)
      release?.()
      await this.turn()
    }
  }

  /** Lets everything happen that needs no time. */
  async rest(): Promise<void> {
    await this.turn()
    while (this.#held.length > 0) {
      this.#releaseAll()
      await this.turn()
    }
  }

  async wait(ms: number): Promise<void> {
    this.world.clock.advance(ms)
    await this.turn()
  }

  /** The clean stop. */
  close(): Promise<void> {
    return this.#until(this.harness.close())
  }

  /** Waits for something that may need syncs to end and time to pass. */
  async #until<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false
    const settled = work.finally(() => {
      isDone = true
    })
    settled.catch(() => undefined)
    for (let turn = 0; !isDone && turn < TURNS_MAX; turn++) {
      this.#releaseAll()
      await this.turn()
      if (turn > TURNS_MAX / 2) this.world.clock.advance(1_000)
    }
    if (!isDone) throw new Error('it waits for something that does not come')
    return settled
  }

  #releaseAll(): void {
    for (const release of this.#held.splice(0)) release()
  }
}

const topicIds: Readonly<Record<string, string>> = {
  durable: 'AAAAAAAAAAAAAAAAAAAAAQ',
  relaxed: 'AAAAAAAAAAAAAAAAAAAAAg',
  turning: 'AAAAAAAAAAAAAAAAAAAAAw',
  compacted: 'AAAAAAAAAAAAAAAAAAAABA',
}

function imageOf(leaderEpoch: number): MetadataImage {
  const topics = Object.entries(topicIds).map(([name, topicId]): TopicImage => {
    const count = PARTITIONS.filter(({ topic }) => topic === name).length
    const partition = { leader: 1, leaderEpoch, replicas: [1], isr: [1], partitionEpoch: 0 }
    return { topicId, name, partitions: Array(count).fill(partition), configs: new Map() }
  })
  return {
    ...emptyImage('cluster'),
    topics: {
      byId: new Map(topics.map(topic => [topic.topicId, topic])),
      byName: new Map(topics.map(topic => [topic.name, topic])),
    },
  }
}
