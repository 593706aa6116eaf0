import { startBrokerProcess } from '../../support/processes.ts'
import { hasKafkaTools } from '../kafka-tools.ts'
import type { Outcome } from '../run.ts'
import { readWithConsole } from './console-cases.ts'
import { runCase } from './group-case.ts'
import { memberKinds } from './member-kinds.ts'
import { mixed } from './mixed.ts'
import { pairs } from './pairs.ts'
import { staticMembers } from './static-members.ts'
import { zombies } from './zombies.ts'

export const GROUPS = 'groups'

/** Sessions and heartbeats as short as they may be, so that who is gone is missed soon. */
export const QUICK_GROUPS = {
  'group.initial.rebalance.delay.ms': '0',
  'group.consumer.min.session.timeout.ms': '6000',
  'group.consumer.session.timeout.ms': '6000',
  'group.consumer.min.heartbeat.interval.ms': '500',
  'group.consumer.heartbeat.interval.ms': '500',
} as const

/** Most of a case is waiting for sessions to end, so several go on at once. */
const AT_ONCE = 3

/** Consumers of all clients in groups of our broker: in pairs, mixed, static, and as zombies. */
export async function runGroups(options: {
  readonly cache: string
  readonly report: (outcome: Outcome) => void
  readonly log: (line: string) => void
  /** Names of clients; all when there are none. */
  readonly only: readonly string[]
}): Promise<void> {
  const { cache, report, log, only } = options
  await using broker = await startBrokerProcess({ from: 'dist', settings: QUICK_GROUPS })
  const kinds = memberKinds(cache).filter(({ name }) => only.length === 0 || only.includes(name))
  const cases = [...pairs(kinds), ...mixed(kinds), ...staticMembers(kinds), ...zombies(kinds)]
  const setting = { bootstrap: broker.bootstrap, cache, kinds, report, log }
  const work = async (): Promise<void> => {
    for (let next = cases.shift(); next !== undefined; next = cases.shift())
      await runCase(setting, next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  // librdkafka says what its member id and its generation are.
  const kind = kinds.find(({ name }) => name === 'confluent-kafka')
  if (kind === undefined || !hasKafkaTools(cache)) return
  await using fresh = await startBrokerProcess({ from: 'dist', settings: QUICK_GROUPS })
  await readWithConsole({ bootstrap: fresh.bootstrap, cache, kind, report })
}
