import { badOption } from '../../options.ts'
import type { Assignor } from './assignor.ts'
import { cooperativeSticky } from './cooperative-sticky.ts'
import { range } from './range.ts'
import { kafkajsRoundRobin, roundRobin } from './round-robin.ts'
import { sticky } from './sticky.ts'

const assignors = {
  range,
  roundrobin: roundRobin,
  sticky,
  'cooperative-sticky': cooperativeSticky,
  RoundRobinAssigner: kafkajsRoundRobin,
} as const

/** The assignors that Kafka's clients know, by their names there; the last is the one of kafkajs. */
export type AssignorName = keyof typeof assignors

export function assignorNamed(name: AssignorName): Assignor {
  if (Object.hasOwn(assignors, name)) return assignors[name]
  const expected = `one of ${Object.keys(assignors).join(', ')}, or an assignor of your own`
  throw badOption({ name: 'partitionAssignors', value: name, expected })
}
