import fc from 'fast-check'
import { expect, it } from 'vitest'
import { apply, applyAll } from '../../packages/broker/src/metadata/apply.ts'
import { emptyImage } from '../../packages/broker/src/metadata/image.ts'
import { openLocalMetadataStore } from '../../packages/broker/src/metadata/local-metadata-store.ts'
import { imageOfSnapshot, snapshotBytes } from '../../packages/broker/src/metadata/snapshot.ts'
import { anyChange } from '../support/metadata-changes.ts'
import { metadataWorld, newMemoryDisk, storeOptions } from '../support/metadata-world.ts'

const proposals = fc.array(fc.array(anyChange, { minLength: 1, maxLength: 5 }), { maxLength: 12 })

it('state after running equals state after reloading, at every prefix, with and without snapshots', async () => {
  await fc.assert(
    fc.asyncProperty(
      proposals,
      fc.constantFrom(150, 100_000),
      async (all, bytesBetweenSnapshots) => {
        const options = storeOptions(metadataWorld(await newMemoryDisk()), {
          bytesBetweenSnapshots,
        })
        let store = await openLocalMetadataStore(options)
        for (const changes of all) {
          await store.propose(changes, store.image)
          const { image } = store
          await store.close()
          store = await openLocalMetadataStore({ ...options, lastStop: 'clean' })
          expect(store.image).toEqual(image)
        }
      },
    ),
    { numRuns: 60 },
  )
})

it('applying changes one by one equals applying them at once', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 40 }), changes => {
      const start = emptyImage('c')
      expect(applyAll(start, changes)).toEqual(changes.reduce(apply, start))
    }),
  )
})

it('a snapshot makes the same image, in the same order, whatever was applied', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 40 }), changes => {
      const image = applyAll(emptyImage('c'), changes)
      const bytes = snapshotBytes(image, { leaderEpoch: 1, timestamp: 5 })
      const again = imageOfSnapshot(bytes, { path: 's', revision: image.revision, clusterId: 'c' })
      expect(again).toEqual(image)
      expect([...again.topics.byName.keys()]).toEqual(
        [...image.topics.byId.values()].map(t => t.name),
      )
    }),
  )
})

it('applying never changes the image that it was given', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 30 }), anyChange, (changes, change) => {
      const image = applyAll(emptyImage('c'), changes)
      const before = structuredClone(image)
      apply(image, change)
      expect(image).toEqual(before)
    }),
  )
})
