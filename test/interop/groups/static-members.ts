import type { GroupCase } from './group-case.ts'
import type { MemberKind } from './member-kinds.ts'

/** Each client that knows static membership (KIP-345), in each protocol. */
export function staticMembers(kinds: readonly MemberKind[]): GroupCase[] {
  return kinds
    .filter(({ canBeStatic }) => canBeStatic)
    .flatMap(kind => kind.protocols.map(protocol => restarts(kind, protocol)))
}

/**
 * A member with a name that lasts is closed and comes back, and the other one notices nothing. In a classic group the same holds
 * when it is killed; in a consumer group the name is its own until its session ends.
 */
function restarts(kind: MemberKind, protocol: 'classic' | 'consumer'): GroupCase {
  return {
    of: kind.name,
    about: `static members of a ${protocol} group`,
    partitions: 3,
    repeats: 'after a kill',
    says: 'one goes and is back without a rebalance',
    async play(stage) {
      const first = stage.add(kind, { protocol, instance: 'one' })
      const second = stage.add(kind, { protocol, instance: 'two' })
      stage.writer.start({ count: 2, ms: 50 })
      first.tell('join')
      second.tell('join')
      await stage.untilShared([first, second])
      await stage.untilAllRead([first, second])
      const changes = second.changes
      first.tell('leave')
      await stage.until('leaving', () => first.events.some(({ event }) => event === 'left'))
      first.tell('join')
      await stage.untilShared([first, second])
      await stage.untilAllRead([first, second])
      if (protocol === 'classic') {
        await first.kill()
        const again = stage.add(kind, { protocol, instance: 'one' })
        again.tell('join')
        await stage.untilShared([again, second])
        await stage.untilAllRead([again, second])
      }
      if (second.changes !== changes) throw new Error(`there was a rebalance: ${stage.account()}`)
    },
  }
}
