import type { Sliced } from '../slices.ts'
import type { GroupAssignment, GroupSpec } from './group-spec.ts'
import { assignRange } from './range.ts'
import { assignUniform } from './uniform.ts'

/**
 * Decides who of a group gets which partitions: each partition of a subscribed topic goes to one subscribed member.
 * It is pure, and it comes in slices, so that a large group does not hold up the broker.
 */
export type Assignor = (spec: GroupSpec) => Sliced<GroupAssignment>

/** The server-side assignors (KIP-848) by the names under which members ask for them. The first one is the default. */
export const assignors: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', assignUniform],
  ['range', assignRange],
])
