import { describe, expect, it } from 'vitest'
import {
  apiVersions,
  unsupportedApiVersions,
} from '../../../../packages/broker/src/handlers/api-versions.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'

const ranges = [
  { apiKey: 0, minVersion: 0, maxVersion: 13 },
  { apiKey: 18, minVersion: 0, maxVersion: 4 },
]

async function given() {
  const memory = await memoryBroker({ topics: {} })
  Object.assign(memory.broker, { apiRanges: ranges })
  Object.assign(memory.broker.metadata.image, {
    features: new Map([
      ['metadata.version', 29],
      ['kraft.version', 0],
      ['share.version', 1],
    ]),
  })
  return memory
}

describe('ApiVersions', () => {
  it('tells what is offered, and the features that are switched on', async () => {
    const { ask } = await given()
    const asked = { clientSoftwareName: 'apache-kafka-java', clientSoftwareVersion: '4.2.0' }
    expect(ask(apiVersions, 4, asked).answer).toMatchObject({
      errorCode: 0,
      apiKeys: ranges,
      supportedFeatures: [
        { name: 'metadata.version', minVersion: 7, maxVersion: 29 },
        { name: 'group.version', minVersion: 0, maxVersion: 1 },
        { name: 'transaction.version', minVersion: 0, maxVersion: 2 },
      ],
      finalizedFeatures: [{ name: 'metadata.version', maxVersionLevel: 29, minVersionLevel: 29 }],
    })
  })

  it.each(['', '-a', 'a-', 'a b', 'a\n', 'x'.repeat(2000)])(
    'refuses the software name %j from version 3 on',
    async clientSoftwareName => {
      const { ask } = await given()
      const asked = { clientSoftwareName, clientSoftwareVersion: '1.0' }
      expect(ask(apiVersions, 3, asked).answer?.errorCode).toBe(42)
      expect(ask(apiVersions, 2, {}).answer?.errorCode).toBe(0)
    },
  )

  it('tells a client from the future its own range alone (KIP-511)', () => {
    expect(unsupportedApiVersions(ranges)).toEqual({ errorCode: 35, apiKeys: [ranges[1]] })
  })
})
