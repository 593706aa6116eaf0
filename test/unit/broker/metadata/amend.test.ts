import { describe, expect, it } from 'vitest'
import { amend } from '../../../../packages/broker/src/metadata/amend.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const level = (featureLevel: number) =>
  ({ type: 'FeatureLevelRecord', name: 'eligible.leader.replicas.version', featureLevel }) as const

describe('amending the metadata', () => {
  it('decides again from the newest image when somebody else was faster', async () => {
    const { store } = await adminBroker()
    const decide = () =>
      amend(store, image => {
        const next = (image.features.get('eligible.leader.replicas.version') ?? 0) + 1
        return { outcome: next, changes: [level(next)] }
      })
    const outcomes = await Promise.all([decide(), decide(), decide()])
    expect(outcomes.sort((a, b) => a - b)).toEqual([1, 2, 3])
    expect(store.image.features.get('eligible.leader.replicas.version')).toBe(3)
  })

  it('answers a decision without changes only once all parts have the image it was made from', async () => {
    const { store } = await adminBroker()
    let isTaken = false
    store.onImage(async () => {
      await new Promise(resolve => setImmediate(resolve))
      isTaken = true
    })
    await store.propose([level(1)], store.image)
    expect(await amend(store, () => ({ outcome: 'known', changes: [] }))).toBe('known')
    expect(isTaken).toBe(true)
  })
})
