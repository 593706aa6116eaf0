/**
 * Whether a broker's setting may be changed at run time, by somebody with a connection. Settings that name files, classes,
 * addresses or credentials never may, whatever Kafka allows: that is how brokers were taken over (CVE-2023-25194,
 * CVE-2025-27817, CVE-2025-27818).
 */
import { expectation, refusal } from './accepts.ts'
import type { Setting } from './setting.ts'
import { brokerSetting } from './settings-table.ts'
import { shortened } from './topic-configs.ts'

/** Whether the setting may be changed for one broker (`broker`) or for all of them at once (`cluster`). */
export function isAlterable(name: string, setting: Setting, scope: 'broker' | 'cluster'): boolean {
  if (isDangerous(name, setting)) return false
  return setting.mode === 'cluster-wide' || (setting.mode === 'per-broker' && scope === 'broker')
}

/** What is wrong with changing the setting to the value; undefined when nothing is. */
export function brokerConfigProblem(
  name: string,
  value: string | null,
  scope: 'broker' | 'cluster',
): string | undefined {
  const setting = brokerSetting(name)
  if (setting === undefined) return `There is no broker setting ${shortened(name)}.`
  if (!isAlterable(name, setting, scope)) {
    return setting.mode === 'per-broker' && !isDangerous(name, setting)
      ? `The setting ${name} can be changed for one broker, not for all of them.`
      : `The setting ${name} can be changed only by a restart.`
  }
  if (value === null) return `The setting ${name} has no value.`
  if (refusal(setting, value) === undefined) return undefined
  return `${name} has ${JSON.stringify(shortened(value))}; expected ${expectation(setting)}.`
}

const dangerousName =
  /(^|\.)(ssl|sasl|jaas|listeners?|advertised|providers?|reporters|class|path|url|location|principal|authorizer|dirs?)(\.|$)/

function isDangerous(name: string, setting: Setting): boolean {
  return setting.type === 'CLASS' || setting.type === 'PASSWORD' || dangerousName.test(name)
}
