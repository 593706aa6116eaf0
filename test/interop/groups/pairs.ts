import type { GroupCase } from './group-case.ts'
import type { MemberKind } from './member-kinds.ts'

/** Each client with itself, in each protocol that it knows, and with the assignor that hands over in steps. */
export function pairs(kinds: readonly MemberKind[]): GroupCase[] {
  return kinds.flatMap(kind => [
    ...kind.protocols.map(protocol => pair(kind, { protocol })),
    ...(kind.assignors.includes('cooperative-sticky')
      ? [pair(kind, { protocol: 'classic', assignor: 'cooperative-sticky' })]
      : []),
  ])
}

/**
 * One begins, another joins, one leaves, comes back, and the other is killed, while records are written. Who takes over begins
 * where the other committed.
 */
function pair(
  kind: MemberKind,
  settings: { readonly protocol: 'classic' | 'consumer'; readonly assignor?: string },
): GroupCase {
  return {
    of: kind.name,
    about: `two in a ${settings.assignor ?? settings.protocol} group`,
    partitions: 3,
    repeats: 'after a kill',
    says: 'one takes over from the other that leaves, or is killed',
    async play(stage) {
      const first = stage.add(kind, settings)
      const second = stage.add(kind, settings)
      stage.writer.start({ count: 2, ms: 50 })
      first.tell('join')
      await stage.untilShared([first])
      second.tell('join')
      await stage.untilShared([first, second])
      await stage.untilAllRead([first, second])
      first.tell('leave')
      await stage.untilShared([second])
      await stage.untilAllRead([second])
      first.tell('join')
      await stage.untilShared([first, second])
      await stage.untilAllRead([first, second])
      await second.kill()
      await stage.untilShared([first])
      await stage.untilAllRead([first])
    },
  }
}
