import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import {
  alterConfigs,
  type WantedConfigs,
} from '../../../../packages/broker/src/metadata/alter-configs.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { imageWith, newTopic } from '../../../support/metadata-image.ts'

type Alteration = WantedConfigs['alterations'][number]
const { settings } = loadConfig({})
const rules = { settings, brokerId: 1 }
const wanted = (alterations: Alteration[], others: 'keep' | 'drop' = 'keep'): WantedConfigs => ({
  resourceType: 2,
  resourceName: 'orders',
  alterations,
  others,
})
const alteration = (
  operation: Alteration['operation'],
  name: string,
  value: string | null,
): Alteration => ({
  name,
  operation,
  value,
})

/** The settings of the topic after some rounds, or the error of the last. */
const after = (...rounds: WantedConfigs[]) => {
  let image = imageWith(...newTopic('orders'))
  for (const round of rounds) {
    const { outcome, changes } = alterConfigs(image, [round], rules)
    if (outcome[0]?.error !== 'NONE') return outcome[0]?.error
    image = applyAll(image, changes)
  }
  return Object.fromEntries(image.topics.byName.get('orders')?.configs ?? [])
}

describe('altering settings', () => {
  it('sets, keeps what is not named, and deletes', () => {
    const set = wanted([
      alteration('set', 'retention.ms', '1'),
      alteration('set', 'segment.ms', '2'),
    ])
    expect(after(set)).toEqual({ 'retention.ms': '1', 'segment.ms': '2' })
    expect(after(set, wanted([alteration('delete', 'retention.ms', null)]))).toEqual({
      'segment.ms': '2',
    })
    expect(after(set, wanted([alteration('set', 'flush.ms', '3')], 'drop'))).toEqual({
      'flush.ms': '3',
    })
  })

  it('adds to a list what it does not have, beginning from the value that counts, and takes away', () => {
    const append = wanted([alteration('append', 'cleanup.policy', 'compact,delete')])
    expect(after(append)).toEqual({ 'cleanup.policy': 'delete,compact' })
    const subtract = wanted([alteration('subtract', 'cleanup.policy', 'delete')])
    expect(after(append, subtract)).toEqual({ 'cleanup.policy': 'compact' })
  })

  it.each([
    [alteration('append', 'retention.ms', '1'), 'INVALID_CONFIG'],
    [alteration('set', 'retention.ms', null), 'INVALID_CONFIG'],
    [alteration('set', 'constructor', '1'), 'INVALID_CONFIG'],
    [alteration('delete', 'no.such.setting', null), 'INVALID_CONFIG'],
    [alteration('append', 'cleanup.policy', 'shred'), 'INVALID_CONFIG'],
  ])('refuses %j', (refused, error) => {
    expect(after(wanted([refused]))).toBe(error)
  })

  it('changes nothing of a resource when one of its alterations is refused', () => {
    const image = imageWith(...newTopic('orders'))
    const round = wanted([alteration('set', 'retention.ms', '1'), alteration('set', 'nope', '1')])
    expect(alterConfigs(image, [round], rules).changes).toEqual([])
  })

  it('judges values together with those that stay', () => {
    const least = wanted([alteration('set', 'min.compaction.lag.ms', '10')])
    const most = wanted([alteration('set', 'max.compaction.lag.ms', '5')])
    expect(after(least, most)).toBe('INVALID_CONFIG')
  })

  it('writes no record for a value that is there already', () => {
    const image = applyAll(
      imageWith(...newTopic('orders')),
      alterConfigs(
        imageWith(...newTopic('orders')),
        [wanted([alteration('set', 'flush.ms', '1')])],
        rules,
      ).changes,
    )
    expect(
      alterConfigs(image, [wanted([alteration('set', 'flush.ms', '1')])], rules).changes,
    ).toEqual([])
  })
})
