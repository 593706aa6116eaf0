/** Decides changes from the newest image and proposes them, again if somebody else was faster. */
import type { MetadataChange } from './change.ts'
import type { MetadataImage } from './image.ts'
import type { MetadataStore } from './store.ts'

/** What was decided: an outcome for whoever asked, and the changes that it stands for. */
export interface Amendment<T> {
  readonly outcome: T
  readonly changes: readonly MetadataChange[]
}

/**
 * `decide` is pure and may be called again with a newer image. Resolves with the outcome of the decision that was made durable,
 * once every part of this broker has taken it. Rejects with a `DiskError` when it could not be made durable.
 */
export async function amend<T>(
  store: MetadataStore,
  decide: (image: MetadataImage) => Amendment<T>,
): Promise<T> {
  for (;;) {
    const { image } = store
    const { outcome, changes } = decide(image)
    if (changes.length === 0) {
      // The answer may rest on a change of somebody else that is not everywhere yet.
      await store.reached(image.revision)
      return outcome
    }
    const proposed = await store.propose(changes, { revision: image.revision })
    if (proposed === 'conflict') continue
    await store.reached(proposed.revision)
    return outcome
  }
}
