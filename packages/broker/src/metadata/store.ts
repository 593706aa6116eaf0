/**
 * Where the cluster's metadata is kept. Standalone it is a local log (`local-metadata-store.ts`), in a cluster etcd; nobody
 * but the store itself assumes either. Who wants a change decides it from an image, proposes the records with that image's
 * revision, and decides again on a conflict (`amend.ts` does).
 */
import type { MetadataChange } from './change.ts'
import type { MetadataImage } from './image.ts'

export interface MetadataStore {
  /** The newest image: what it says is durable. */
  readonly image: MetadataImage
  /** The term of whoever writes the metadata log. */
  readonly leaderEpoch: number
  /**
   * Makes the changes durable as one, then applies them. `conflict`: the image is no longer the one that they were decided
   * from, and nothing happened. Rejects with a `DiskError` when they could not be made durable.
   */
  propose(changes: readonly MetadataChange[], expected: Expected): Promise<Proposed>
  /** Resolves once the image of this broker has reached the revision and every listener has taken it. */
  reached(revision: number): Promise<void>
  /**
   * Calls `listener` after every change, in order; the next change waits for what it returns. The result removes it.
   */
  onImage(listener: ImageListener): () => void
}

export interface Expected {
  readonly revision: number
}

export type Proposed = { readonly revision: number } | 'conflict'

export type ImageListener = (image: MetadataImage, previous: MetadataImage) => void | Promise<void>
