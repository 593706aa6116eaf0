import type { GroupCase } from './group-case.ts'
import type { Member, MemberEvent } from './member.ts'
import type { MemberKind } from './member-kinds.ts'

/** Each client in each protocol. */
export function zombies(kinds: readonly MemberKind[]): GroupCase[] {
  return kinds.flatMap(kind => kind.protocols.map(protocol => zombie(kind, protocol)))
}

/**
 * A member is stopped by SIGSTOP with records that it has read and not committed, until its session is over and the other has
 * read on from what was committed. Back again, it commits what it had: that is refused (G2), and it joins anew.
 */
function zombie(kind: MemberKind, protocol: 'classic' | 'consumer'): GroupCase {
  return {
    of: kind.name,
    about: `zombie of a ${protocol} group`,
    partitions: 3,
    repeats: 'what was not committed',
    says: 'one that was stopped past its session is refused its commit, and joins anew',
    async play(stage) {
      const first = stage.add(kind, { protocol })
      const second = stage.add(kind, { protocol })
      stage.writer.start({ count: 2, ms: 50 })
      first.tell('join')
      second.tell('join')
      await stage.untilShared([first, second])
      await stage.untilAllRead([first, second])
      first.tell('hold')
      await stage.until('records that are not committed', () => hasUncommitted(first))
      first.stop()
      await stage.untilShared([second])
      await stage.untilAllRead([second])
      first.tell('commit')
      const from = first.events.length
      first.resume()
      const answers = () => first.events.slice(from).filter(isAnswer)
      await stage.until('an answer to its commit', () => answers().length > 0)
      const [answer] = answers()
      if (answer?.event === 'committed')
        throw new Error(`G2: its commit of ${JSON.stringify(answer.offsets)} was taken`)
      await stage.untilShared([first, second])
      await stage.untilAllRead([first, second])
    },
  }
}

const isAnswer = ({ event }: MemberEvent): boolean => event === 'committed' || event === 'refused'

/** Several portions after its last commit. */
function hasUncommitted({ events }: Member): boolean {
  const last = events.findLastIndex(({ event }) => event === 'committed')
  return events.slice(last + 1).filter(({ event }) => event === 'read').length > 3
}
