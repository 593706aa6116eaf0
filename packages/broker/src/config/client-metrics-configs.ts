/** Whether a setting may be set on a subscription to the metrics of clients. Nothing is collected: the subscriptions are kept and told. */
import { expectation, listItems, refusal } from './accepts.ts'
import { CLIENT_METRICS_SETTINGS, clientMetricsSetting } from './settings-table.ts'
import { shortened } from './topic-configs.ts'

/** What is wrong with the value on a subscription; undefined when nothing is. */
export function clientMetricsConfigProblem(name: string, value: string | null): string | undefined {
  const setting = clientMetricsSetting(name)
  if (setting === undefined) {
    return `There is no setting ${shortened(name)} of client metrics; expected ${Object.keys(CLIENT_METRICS_SETTINGS).join(', ')}.`
  }
  if (value === null) return `The setting ${name} has no value.`
  if (refusal(setting, value) !== undefined) {
    return `${name} has ${JSON.stringify(shortened(value))}; expected ${expectation(setting)}.`
  }
  return name === 'match' ? listItems(value).map(matchProblem).find(isProblem) : undefined
}

function isProblem(problem: string | undefined): boolean {
  return problem !== undefined
}

const selectors: ReadonlySet<string> = new Set([
  'client_id',
  'client_instance_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
])

function matchProblem(text: string): string | undefined {
  const separator = text.indexOf('=')
  const isRight =
    selectors.has(text.slice(0, Math.max(0, separator))) && isExpression(text.slice(separator + 1))
  if (isRight) return undefined
  return `match has ${JSON.stringify(shortened(text))}; expected one of ${[...selectors].join(', ')}, "=", and a regular expression.`
}

const EXPRESSION_CHARACTERS_MAX = 1000

/** It is read and never tried: what takes long is only matching. */
function isExpression(text: string): boolean {
  if (text === '' || text.length > EXPRESSION_CHARACTERS_MAX) return false
  try {
    return new RegExp(text, 'u').source !== ''
  } catch {
    return false
  }
}
