import { expect, it } from 'vitest'
import { brokerArguments } from '../../../../packages/admin/src/commands/start.ts'

it("start hands its options to the broker's program as that takes them", () => {
  const none = {
    config: undefined,
    override: undefined,
    data: undefined,
    host: undefined,
    port: undefined,
  }
  expect(brokerArguments(none)).toEqual([])
  const some = { ...none, config: 'a b.properties', port: '0', override: ['x=1', 'y=2=3'] }
  expect(brokerArguments(some)).toEqual([
    '--config=a b.properties',
    '--port=0',
    '--override=x=1',
    '--override=y=2=3',
  ])
  expect(brokerArguments({ ...none, adopt: true, data: '/k' })).toEqual(['--data=/k', '--adopt'])
})
