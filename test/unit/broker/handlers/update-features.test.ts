import { expect, it } from 'vitest'
import { updateFeatures } from '../../../../packages/broker/src/handlers/update-features.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('changes all features that it is given, or none', async () => {
  const { ask, store } = await adminBroker()
  const down = { feature: 'group.version', maxVersionLevel: 0, upgradeType: 2 }
  const unknown = { feature: 'no.such', maxVersionLevel: 1, upgradeType: 1 }
  const update = (version: number, featureUpdates: object[], validateOnly = false) =>
    ask(updateFeatures, version, { featureUpdates, validateOnly })
  expect(await update(1, [down, unknown])).toMatchObject({ errorCode: 95, results: [] })
  expect(await update(1, [down], true)).toMatchObject({ errorCode: 0 })
  expect(store.image.features.get('group.version')).toBe(1)
  expect(await update(2, [down])).toMatchObject({ errorCode: 0, results: [] })
  expect(store.image.features.get('group.version')).toBe(0)
})

it('takes the old word for a downgrade', async () => {
  const { ask, store } = await adminBroker()
  const update = async (allowDowngrade: boolean) => {
    const one = { feature: 'group.version', maxVersionLevel: 0, allowDowngrade }
    return (await ask(updateFeatures, 0, { featureUpdates: [one] })).errorCode
  }
  expect(await update(false)).toBe(95)
  expect(await update(true)).toBe(0)
  expect(store.image.features.get('group.version')).toBe(0)
})

it('says that the disk would not have it', async () => {
  const { ask, fillDisk } = await adminBroker()
  fillDisk()
  const featureUpdates = [{ feature: 'group.version', maxVersionLevel: 0, upgradeType: 2 }]
  const answer = await ask(updateFeatures, 2, { featureUpdates, validateOnly: false })
  expect(answer.errorCode).toBe(56)
})
