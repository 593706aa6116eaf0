import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import { speaksConsumerProtocol } from '../../../../packages/broker/src/handlers/consumer-protocol.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'

async function speaks(level: number | undefined, protocols: string | undefined): Promise<boolean> {
  const { broker } = await memoryBroker({ topics: {} })
  const features = new Map(level === undefined ? [] : [['group.version', level]])
  const named =
    protocols === undefined ? {} : { 'group.coordinator.rebalance.protocols': protocols }
  const { settings } = loadConfig({ options: { 'node.id': '1', ...named } })
  const metadata = { ...broker.metadata, image: { ...broker.metadata.image, features } }
  return speaksConsumerProtocol({ broker: { ...broker, settings, metadata } } as never)
}

describe('a broker coordinates consumer groups', () => {
  it.each([
    ['once the cluster is that far', 1, undefined, true],
    ['not before', 0, undefined, false],
    ['not in a cluster that has never said', undefined, undefined, false],
    ['not when its settings leave the protocol out', 1, 'classic', false],
    ['when its settings name the protocol', 1, 'classic,consumer', true],
  ] as const)('%s', async (_title, level, protocols, is) => {
    expect(await speaks(level, protocols)).toBe(is)
  })
})
