/** A consumer group becomes a classic group again when its last member of the consumer protocol goes. */
import type { GroupMoment } from '../group-logic.ts'
import type { GroupRules } from '../group-rules.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { Draft } from './draft.ts'

export function mayDowngradeWithout(
  _group: ConsumerGroup,
  _leaving: ReadonlySet<string>,
  _rules: GroupRules,
): boolean {
  return false
}

export function downgradeToClassicGroup(
  _draft: Draft,
  _group: ConsumerGroup,
  _how: { readonly leaving: ReadonlySet<string>; readonly moment: GroupMoment },
): void {}
