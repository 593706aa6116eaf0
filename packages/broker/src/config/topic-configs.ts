/** Whether settings may be set on a topic. */
import { expectation, refusal } from './accepts.ts'
import { saturated } from './numbers.ts'
import { topicSetting } from './settings-table.ts'

/** The first thing that is wrong with the settings of a topic, as a sentence; undefined when nothing is. */
export function topicConfigsProblem(
  configs: Iterable<{ readonly name: string; readonly value: string | null }>,
): string | undefined {
  const values = new Map<string, string>()
  for (const { name, value } of configs) {
    const problem = topicConfigProblem(name, value)
    if (problem !== undefined) return problem
    if (values.has(name)) return `The setting ${name} is given twice.`
    values.set(name, value ?? '')
  }
  return combinationProblem(values)
}

/** What is wrong with one setting by itself. */
export function topicConfigProblem(name: string, value: string | null): string | undefined {
  const setting = topicSetting(name)
  if (setting === undefined) return `There is no topic setting ${shortened(name)}.`
  if (value === null) return `The setting ${name} has no value.`
  if (refusal(setting, value) === undefined) return undefined
  return `${name} has ${JSON.stringify(shortened(value))}; expected ${expectation(setting)}.`
}

/** What is wrong with values that are each right by themselves. */
export function combinationProblem(values: ReadonlyMap<string, string>): string | undefined {
  const least = values.get('min.compaction.lag.ms')
  const most = values.get('max.compaction.lag.ms')
  if (least !== undefined && most !== undefined && saturated(least) > saturated(most)) {
    return `min.compaction.lag.ms (${least}) is more than max.compaction.lag.ms (${most}).`
  }
  // A topic that its owner believes to be tiered must not quietly keep everything on the local disk.
  if (values.get('remote.storage.enable')?.trim().toLowerCase() === 'true') {
    return 'remote.storage.enable is true, but this broker has no remote storage.'
  }
  return undefined
}

const SHOWN_CHARACTERS_MAX = 100

/** Text of a client as an answer may repeat it. */
export function shortened(text: string): string {
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}...`
}
