import { describe, expect, it } from 'vitest'
import { range } from '../../../../packages/client/src/group/assignors/range.ts'
import { type GroupOptions, groupSettings } from '../../../../packages/client/src/group/options.ts'

const refused = (options: GroupOptions) => () => groupSettings({ groupId: 'g', ...options })

describe('groupSettings', () => {
  it("completes what is left out with Kafka's defaults", () => {
    const settings = groupSettings({ groupId: 'g' })
    expect(settings).toMatchObject({
      groupProtocol: 'classic',
      groupInstanceId: null,
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs: 3000,
      rebalanceTimeoutMs: 60_000,
      maxPollIntervalMs: 300_000,
      commit: 'after-handling',
    })
    expect(settings?.assignors.map(({ name }) => name)).toEqual([
      'range',
      'cooperative-sticky',
      'RoundRobinAssigner',
    ])
  })

  it('is nothing without a group, and refuses options that only a group has', () => {
    expect(groupSettings({ stopTimeoutMs: 5 })).toBeUndefined()
    expect(() => groupSettings({ commit: 'manual' })).toThrow('commit is without effect')
  })

  it('takes an assignor of your own beside named ones', () => {
    const own = { ...range, name: 'RoundRobinAssigner' }
    const settings = groupSettings({ groupId: 'g', partitionAssignors: [own, 'range'] })
    expect(settings?.assignors).toEqual([own, range])
  })

  it('shortens the heartbeat with the session', () => {
    expect(groupSettings({ groupId: 'g', sessionTimeoutMs: 6000 })?.heartbeatIntervalMs).toBe(2000)
  })

  it('refuses what cannot work, by name', () => {
    expect(refused({ groupId: '' })).toThrow('groupId is ""')
    expect(refused({ groupInstanceId: '' })).toThrow('groupInstanceId is ""')
    expect(refused({ groupProtocol: 'new' as never })).toThrow('groupProtocol is "new"')
    expect(refused({ topicPattern: 'a.*' })).toThrow('topicPattern is without effect')
    expect(refused({ groupProtocol: 'consumer', partitionAssignors: ['range'] })).toThrow(
      'partitionAssignors is without effect',
    )
    expect(refused({ partitionAssignors: [] })).toThrow('at least one assignor')
    expect(refused({ partitionAssignors: ['range', 'range'] })).toThrow('range only once')
    expect(refused({ heartbeatIntervalMs: 45_000 })).toThrow('less than sessionTimeoutMs')
    expect(refused({ commit: { intervalMs: 0 } })).toThrow('commit is')
    expect(refused({ commit: { intervalMs: 2 ** 31 } })).toThrow('less than 2^31')
  })

  it.each([
    [{ groupInstanceId: 7 }, 'groupInstanceId is 7; expected a name'],
    [{ topicPattern: /orders/ }, 'topicPattern is /orders/; expected an RE2 expression'],
    [{ topicPattern: '' }, 'topicPattern is ""'],
    [{ groupRemoteAssignor: '' }, 'groupRemoteAssignor is ""'],
    [{ onRevoked: 'log' }, 'onRevoked is "log"; expected a function'],
    [{ partitionAssignors: 'range' }, 'partitionAssignors is "range"; expected a list'],
    [{ partitionAssignors: ['toString'] }, 'partitionAssignors is "toString"; expected one of'],
    [{ partitionAssignors: [{ name: 'own' }] }, 'partitionAssignors is {"name":"own"}; expected'],
  ])('refuses %o, which is of the wrong type', (options, message) => {
    expect(refused(options as never)).toThrow(message)
  })
})
