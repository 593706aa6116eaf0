/** A group coordinator for tests of handlers: one shard that lives in memory, for every group. */
import type { GroupCoordinator } from '../../packages/broker/src/handlers/broker-parts.ts'
import type { ClassicShard } from './classic-shard.ts'

export function pureGroups(shard: Pick<ClassicShard, 'ask'>): GroupCoordinator {
  const waiting: (() => boolean)[] = []
  return {
    ask: (_key, question) => {
      const asked = shard.ask(question.decide)
      return new Promise(resolve => {
        waiting.push(() => {
          if (asked.isAnswered()) resolve(asked.response())
          return asked.isAnswered()
        })
        for (const isDone of waiting.splice(0)) if (!isDone()) waiting.push(isDone)
      })
    },
    askAll: question => Promise.resolve([shard.ask(question.decide).response()]),
    leadersOf: keys => Promise.resolve(keys.map(() => 1)),
  }
}

/** A coordinator that refuses whatever it is asked. */
export function refusingGroups(
  error: Parameters<Parameters<GroupCoordinator['ask']>[1]['refuse']>[0],
): GroupCoordinator {
  return {
    ask: (_key, { refuse }) => Promise.resolve(refuse(error)),
    askAll: () => Promise.resolve([]),
    leadersOf: keys => Promise.resolve(keys.map(() => error)),
  }
}
