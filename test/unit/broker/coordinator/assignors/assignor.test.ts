import { describe, expect, it } from 'vitest'
import { assignors } from '../../../../../packages/broker/src/coordinator/assignors/assignor.ts'
import { runToEnd } from '../../../../../packages/broker/src/coordinator/slices.ts'
import { group, member, plain } from '../../../../support/group-specs.ts'

describe('the assignors', () => {
  it('are known by the names that clients send, the default first', () => {
    expect([...assignors.keys()]).toEqual(['uniform', 'range'])
  })

  it.each([...assignors.keys()])('%s gives the only member everything', name => {
    const assign = assignors.get(name)
    const spec = group({ a: member(['x', 'y']) }, { x: 2, y: 1 })
    expect(assign && plain(runToEnd(assign(spec)))).toEqual({ a: { x: [0, 1], y: [0] } })
  })
})
