import { badOption } from '../../options.ts'
import type { Assignor } from './assignor.ts'
import { cooperativeSticky } from './cooperative-sticky.ts'
import { range } from './range.ts'
import { roundRobin } from './round-robin.ts'
import { sticky } from './sticky.ts'

const assignors = {
  range,
  roundrobin: roundRobin,
  sticky,
  'cooperative-sticky': cooperativeSticky,
} as const

/** The assignors that Kafka's clients know, by their names there. */
export type AssignorName = keyof typeof assignors

export function assignorNamed(name: AssignorName): Assignor {
  const assignor: Assignor | undefined = assignors[name]
  if (assignor !== undefined) return assignor
  const expected = `one of ${Object.keys(assignors).join(', ')}, or an assignor of your own`
  throw badOption({ name: 'partitionAssignors', value: name, expected })
}
