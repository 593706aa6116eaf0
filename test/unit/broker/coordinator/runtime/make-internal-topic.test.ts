import { describe, expect, it } from 'vitest'
import { offsetsTopic } from '../../../../../packages/broker/src/coordinator/group/offsets-topic.ts'
import { makeInternalTopic } from '../../../../../packages/broker/src/coordinator/runtime/make-internal-topic.ts'
import type { MetadataStore } from '../../../../../packages/broker/src/metadata/store.ts'
import { DiskError, type Log } from '../../../../../packages/broker/src/world.ts'
import { adminBroker } from '../../../../support/admin-broker.ts'

async function given(...overrides: string[]) {
  const { parts, store } = await adminBroker(...overrides)
  const warnings: unknown[] = []
  const log = { ...parts.world.log, warn: (_, fields) => warnings.push(fields) } as Log
  const make = (metadata: MetadataStore = store) =>
    makeInternalTopic(
      { world: { ...parts.world, log }, settings: parts.settings, metadata },
      offsetsTopic(parts.settings),
    )
  return { store, warnings, make }
}

describe('an internal topic', () => {
  it('is made once, however many want it', async () => {
    const { store, warnings, make } = await given()
    await Promise.all([make(), make(), make()])
    await make()
    expect(store.image.topics.byName.get('__consumer_offsets')?.partitions).toHaveLength(50)
    expect([store.image.topics.byId.size, warnings]).toEqual([1, []])
  })

  it('that cannot be made is named in the log with the reason', async () => {
    const { store, warnings, make } = await given('offsets.topic.replication.factor=3')
    await make()
    expect(store.image.topics.byId.size).toBe(0)
    expect(warnings).toMatchObject([
      { topic: '__consumer_offsets', error: 'INVALID_REPLICATION_FACTOR' },
    ])
  })

  it('whose record a disk does not take can be made later', async () => {
    const { store, warnings, make } = await given()
    const failing = {
      image: store.image,
      propose: () => Promise.reject(new DiskError('append to', '/data/log', 'ENOSPC')),
    } as unknown as MetadataStore
    await make(failing)
    expect(warnings).toMatchObject([{ code: 'ENOSPC' }])
    await make()
    expect(store.image.topics.byId.size).toBe(1)
  })
})
