import {
  AlterConfigs,
  DescribeConfigs,
  IncrementalAlterConfigs,
  ListConfigResources,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function administering() {
  const fake = new FakeCluster(2)
  return { fake, clock: fake.platform.clock, admin: new Admin(settingsFor(fake), {}) }
}

const altered = (resources: readonly { resourceType: number; resourceName: string }[]) => ({
  responses: resources.map(({ resourceType, resourceName }) => ({
    resourceType,
    resourceName,
    errorCode: 0,
    errorMessage: null,
  })),
})

describe('settings', () => {
  it('of one broker are asked of that broker, all others of any', async () => {
    const { fake, clock, admin } = administering()
    fake.always(DescribeConfigs, ({ resources }) => ({
      results: resources.map(({ resourceType, resourceName }) => ({
        errorCode: 0,
        errorMessage: null,
        resourceType,
        resourceName,
        configs: [
          {
            name: 'retention.ms',
            value: '5',
            readOnly: false,
            configSource: 1,
            isSensitive: false,
            configType: 5,
            documentation: null,
            synonyms: [{ name: 'log.retention.ms', value: '7', source: 5 }],
          },
        ],
      })),
    }))
    const described = watch(
      admin.describeConfigs(
        [
          { type: 'broker', name: '2' },
          { type: 'topic', name: 'a' },
          { type: 'broker', name: '' },
        ],
        {
          names: ['retention.ms'],
          includeSynonyms: true,
        },
      ),
    )
    await clock.settle()
    const asked = fake.requests.filter(({ api }) => api === 'DescribeConfigs')
    expect(asked).toHaveLength(2)
    expect(asked.find(({ request }) => JSON.stringify(request).includes('"2"'))?.brokerId).toBe(2)
    expect(described.value()).toHaveLength(3)
    expect(described.value()[0]).toMatchObject({
      type: 'broker',
      name: '2',
      configs: [
        {
          name: 'retention.ms',
          value: '5',
          source: 'topic',
          type: 'long',
          synonyms: [{ name: 'log.retention.ms', source: 'default' }],
        },
      ],
    })
  })

  it('have their results in the order asked for, whatever order the brokers answer in', async () => {
    const { fake, clock, admin } = administering()
    fake.always(IncrementalAlterConfigs, ({ resources }) => altered([...resources].reverse()))
    fake.always(AlterConfigs, ({ resources }) => altered([...resources].reverse()))
    fake.always(DescribeConfigs, ({ resources }) => ({
      results: altered([...resources].reverse()).responses.map(of => ({ ...of, configs: [] })),
    }))
    const resources = [
      { type: 'topic', name: 'b' },
      { type: 'broker', name: '2' },
      { type: 'topic', name: 'a' },
      { type: 'broker', name: '' },
    ] as const
    const changed = watch(admin.incrementalAlterConfigs(resources))
    const replaced = watch(admin.alterConfigs(resources.map(of => ({ ...of, configs: {} }))))
    const described = watch(admin.describeConfigs(resources))
    await clock.settle()
    for (const { value } of [changed, replaced, described])
      expect(value().map(({ type, name }) => ({ type, name }))).toEqual(resources)
  })

  it('are set, removed, appended to and subtracted from', async () => {
    const { fake, clock, admin } = administering()
    fake.always(IncrementalAlterConfigs, ({ resources }) => altered(resources))
    const outcome = watch(
      admin.incrementalAlterConfigs([
        {
          type: 'topic',
          name: 'a',
          set: { x: 1 },
          remove: ['y'],
          append: { z: 'p' },
          subtract: { z: 'q' },
        },
      ]),
    )
    await clock.settle()
    expect(outcome.value()).toEqual([{ type: 'topic', name: 'a', error: undefined }])
    expect(fake.requestsOf(IncrementalAlterConfigs)[0]).toMatchObject({
      resources: [
        {
          resourceType: 2,
          configs: [
            { name: 'x', configOperation: 0, value: '1' },
            { name: 'y', configOperation: 1, value: null },
            { name: 'z', configOperation: 2, value: 'p' },
            { name: 'z', configOperation: 3, value: 'q' },
          ],
        },
      ],
    })
  })

  it('are replaced as a whole', async () => {
    const { fake, clock, admin } = administering()
    fake.always(AlterConfigs, ({ resources }) => altered(resources))
    const outcome = watch(admin.alterConfigs([{ type: 'topic', name: 'a', configs: { x: true } }]))
    await clock.settle()
    expect(outcome.value()).toEqual([{ type: 'topic', name: 'a', error: undefined }])
    expect(fake.requestsOf(AlterConfigs)[0]).toMatchObject({
      resources: [{ configs: [{ name: 'x', value: 'true' }] }],
    })
  })

  it('belong to resources that can be listed', async () => {
    const { fake, clock, admin } = administering()
    fake.always(ListConfigResources, () => ({
      errorCode: 0,
      configResources: [{ resourceName: 'a', resourceType: 2 }],
    }))
    const listed = watch(admin.listConfigResources({ types: ['topic'] }))
    await clock.settle()
    expect(listed.value()).toEqual([{ type: 'topic', name: 'a' }])
    expect(fake.requestsOf(ListConfigResources)[0]).toMatchObject({ resourceTypes: [2] })
  })

  it('of what is no resource are refused by name', async () => {
    const { admin } = administering()
    await expect(admin.describeConfigs([{ type: 'broker', name: 'one' }])).rejects.toThrow(
      'expected the id of a broker',
    )
    await expect(admin.describeConfigs([{ type: 'user' as never, name: 'x' }])).rejects.toThrow(
      'the type of a resource is "user"',
    )
  })
})
