import { describe, expect, it } from 'vitest'
import { assignorNamed } from '../../../../../packages/client/src/group/assignors/by-name.ts'

describe('assignorNamed', () => {
  it('knows the names that the Java client gives its assignors', () => {
    const names = ['range', 'roundrobin', 'sticky', 'cooperative-sticky'] as const
    expect(names.map(name => assignorNamed(name).name)).toEqual(names)
  })

  it('knows the name that kafkajs gives its own', () => {
    expect(assignorNamed('RoundRobinAssigner').name).toBe('RoundRobinAssigner')
  })

  it('refuses another by saying which there are', () => {
    expect(() => assignorNamed('fair' as never)).toThrow('one of range, roundrobin, sticky')
    expect(() => assignorNamed('constructor' as never)).toThrow('partitionAssignors is')
  })
})
