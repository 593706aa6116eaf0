/**
 * The metadata store of a standalone broker: proposals become batches of the metadata log, one after another. A change is
 * durable before the image has it, so nobody ever acts on one that a crash could take back.
 */
import { assert } from '../assert.ts'
import type { World } from '../world.ts'
import { applyAll } from './apply.ts'
import type { MetadataChange } from './change.ts'
import type { MetadataImage } from './image.ts'
import { metadataBatch } from './metadata-batch.ts'
import {
  type MetadataLog,
  type MetadataLogOptions,
  type OpenedMetadata,
  openMetadataLog,
} from './metadata-log.ts'
import type { Expected, ImageListener, MetadataStore, Proposed } from './store.ts'

export interface LocalMetadataStoreOptions extends MetadataLogOptions {
  /** `metadata.log.max.record.bytes.between.snapshots`. */
  readonly bytesBetweenSnapshots: number
}

/** Opens the store in a log directory; what a crash left is repaired first. Rejects with `MetadataLogError` or `DiskError`. */
export async function openLocalMetadataStore(
  options: LocalMetadataStoreOptions,
): Promise<LocalMetadataStore> {
  return new LocalMetadataStore(options, await openMetadataLog(options))
}

export class LocalMetadataStore implements MetadataStore {
  /** The topics of which the log still has the record that removed them, when it was opened. */
  readonly removedTopicIds: ReadonlySet<string>
  readonly #world: World
  readonly #bytesBetweenSnapshots: number
  readonly #log: MetadataLog
  #image: MetadataImage
  /** The last proposal: each waits for the one before. */
  #proposals: Promise<unknown> = Promise.resolve()
  readonly #listeners = new Set<ImageListener>()
  /** The last delivery to the listeners: images reach them one at a time, in order. */
  #deliveries: Promise<void> = Promise.resolve()
  #deliveredRevision: number
  readonly #waiting = new Set<{ readonly revision: number; readonly reached: () => void }>()
  /** Set for good when the log could not be synced: nobody knows what is on the disk. */
  #failure: Error | undefined

  constructor(options: LocalMetadataStoreOptions, opened: OpenedMetadata) {
    const { log, image } = opened
    this.removedTopicIds = opened.removedTopicIds
    this.#world = options.world
    this.#bytesBetweenSnapshots = options.bytesBetweenSnapshots
    this.#log = log
    this.#image = image
    this.#deliveredRevision = image.revision
  }

  get image(): MetadataImage {
    return this.#image
  }

  get leaderEpoch(): number {
    return this.#log.leaderEpoch
  }

  propose(changes: readonly MetadataChange[], expected: Expected): Promise<Proposed> {
    const proposal = this.#proposals.then(() => this.#commit(changes, expected))
    this.#proposals = proposal.catch(ignoreFailure)
    return proposal
  }

  reached(revision: number): Promise<void> {
    if (this.#deliveredRevision >= revision) return Promise.resolve()
    return new Promise(resolve => this.#waiting.add({ revision, reached: resolve }))
  }

  onImage(listener: ImageListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Ends after the proposals that were made. */
  async close(): Promise<void> {
    await this.#proposals
    await this.#deliveries
    await this.#log.close()
  }

  async #commit(changes: readonly MetadataChange[], expected: Expected): Promise<Proposed> {
    if (this.#failure !== undefined) throw this.#failure
    const previous = this.#image
    if (previous.revision !== expected.revision) return 'conflict'
    if (changes.length === 0) return { revision: previous.revision }
    const timestamp = this.#world.clock.now()
    const { leaderEpoch } = this.#log
    const batch = metadataBatch(changes, { baseOffset: previous.revision, leaderEpoch, timestamp })
    try {
      await this.#log.append(batch)
    } catch (error) {
      throw this.#failed(error)
    }
    const image = applyAll(previous, changes)
    assert(
      image.revision === previous.revision + changes.length,
      'the revision is the offset after the last record of the metadata log',
    )
    this.#image = image
    this.#deliver(image, previous)
    if (this.#log.replayBytes >= this.#bytesBetweenSnapshots || isLowered(previous, image)) {
      // A snapshot knows nothing of the topics that were removed: first they have to be gone.
      await this.#deliveries
      await this.#snapshot(image, timestamp)
    }
    return { revision: image.revision }
  }

  /** A change whose append failed may be on the disk or not: only a restart can tell, unless the log took it back whole. */
  #failed(error: unknown): Error {
    const reason = error instanceof Error ? error : new Error(String(error))
    if (this.#log.isWhole) return reason
    this.#failure = reason
    this.#world.log.error('the metadata log is lost until a restart', { reason: reason.message })
    this.#world.fail(reason)
    return reason
  }

  /** A snapshot that cannot be written costs only a longer start: the log still holds everything. */
  async #snapshot(image: MetadataImage, timestamp: number): Promise<void> {
    try {
      await this.#log.snapshot(image, timestamp)
    } catch (error) {
      this.#world.log.warn('could not write a snapshot of the metadata', {
        revision: image.revision,
        reason: error instanceof Error ? error.message : String(error),
      })
    }
  }

  #deliver(image: MetadataImage, previous: MetadataImage): void {
    this.#deliveries = this.#deliveries
      .then(async () => {
        for (const listener of [...this.#listeners]) await listener(image, previous)
        this.#deliveredRevision = image.revision
        for (const waiting of this.#waiting) {
          if (waiting.revision > image.revision) continue
          this.#waiting.delete(waiting)
          waiting.reached()
        }
      })
      .catch(error => this.#world.fail(error instanceof Error ? error : new Error(String(error))))
  }
}

/** An older Kafka does not open a log that has a level beyond it, not even one that was taken back: a snapshot leaves that behind. */
function isLowered(previous: MetadataImage, { features }: MetadataImage): boolean {
  return [...previous.features].some(([name, level]) => (features.get(name) ?? 0) < level)
}

/** Whoever proposed gets the failure; the next proposal only waits for the end of this one. */
function ignoreFailure(): void {
  return
}
