import type { GroupCase } from './group-case.ts'
import type { MemberSettings } from './member.ts'
import type { MemberKind } from './member-kinds.ts'

const SETTINGS: readonly Pick<MemberSettings, 'protocol' | 'assignor'>[] = [
  { protocol: 'classic', assignor: 'range' },
  { protocol: 'classic', assignor: 'roundrobin' },
  { protocol: 'classic', assignor: 'cooperative-sticky' },
  { protocol: 'consumer' },
]

/** One member of each client in one group, with an assignor that all of them have. */
export function mixed(kinds: readonly MemberKind[]): GroupCase[] {
  return SETTINGS.flatMap(settings => {
    const { protocol, assignor } = settings
    const able = kinds.filter(
      ({ protocols, assignors }) =>
        protocols.includes(protocol) && (assignor === undefined || assignors.includes(assignor)),
    )
    return able.length < 2 ? [] : [oneOfEach(able, settings)]
  })
}

/** They join one after another, so that each of them is there when another comes; then each but the last leaves, the first to come first. */
function oneOfEach(kinds: readonly MemberKind[], settings: (typeof SETTINGS)[number]): GroupCase {
  return {
    of: 'mixed',
    about: `${kinds.length} clients in a ${settings.assignor ?? settings.protocol} group`,
    partitions: 7,
    repeats: 'after a kill',
    says: 'all join and leave, and one is killed',
    async play(stage) {
      const members = kinds.map(kind => stage.add(kind, settings))
      stage.writer.start({ count: 1, ms: 50 })
      for (const [index, member] of members.entries()) {
        member.tell('join')
        await stage.untilShared(members.slice(0, index + 1))
      }
      await stage.untilAllRead(members)
      const [killed, ...rest] = members
      await killed?.kill()
      await stage.untilShared(rest)
      while (rest.length > 1) {
        rest.shift()?.tell('leave')
        await stage.untilShared(rest)
      }
      await stage.untilAllRead(rest)
    },
  }
}
