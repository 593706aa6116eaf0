/** What a group's settings come to, and whether one may be set: within the bounds that the broker's settings give. */
import { expectation, refusal } from './accepts.ts'
import type { BrokerSettings, Layer } from './broker-settings.ts'
import { saturated } from './numbers.ts'
import {
  GROUP_SETTINGS,
  type GroupSettingName,
  groupSetting,
  isBrokerSettingName,
} from './settings-table.ts'
import { shortened } from './topic-configs.ts'

export interface GroupLayer {
  readonly name: GroupSettingName
  readonly value: string
  readonly source: 'group'
}

/** The value of one setting, given the values set on the group, and what is behind it, the strongest first. */
export function groupSettingValue(
  name: GroupSettingName,
  configs: ReadonlyMap<string, string>,
  settings: BrokerSettings,
): { readonly value: string | null; readonly layers: readonly (Layer | GroupLayer)[] } {
  const layers: (Layer | GroupLayer)[] = []
  const own = configs.get(name)
  if (own !== undefined && groupConfigProblem(name, own, settings) === undefined) {
    layers.push({ name, value: own, source: 'group' })
  }
  const synonym = `group.${name}`
  if (isBrokerSettingName(synonym)) layers.push(...settings.layers(synonym))
  return { value: layers[0]?.value ?? GROUP_SETTINGS[name].default, layers }
}

/** What is wrong with the value on a group; undefined when nothing is. */
export function groupConfigProblem(
  name: string,
  value: string | null,
  settings: BrokerSettings,
): string | undefined {
  const setting = groupSetting(name)
  if (setting === undefined) return `There is no group setting ${shortened(name)}.`
  if (value === null) return `The setting ${name} has no value.`
  if (refusal(setting, value) !== undefined) {
    return `${name} has ${JSON.stringify(shortened(value))}; expected ${expectation(setting)}.`
  }
  // `consumer.session.timeout.ms` of a group stays within `group.consumer.min.session.timeout.ms` and the like of the broker.
  const [kind = '', ...rest] = name.split('.')
  const least = boundOf(`group.${kind}.min.${rest.join('.')}`, settings)
  const most = boundOf(`group.${kind}.max.${rest.join('.')}`, settings)
  if (least !== undefined && saturated(value) < least)
    return `${name} has ${value}; this broker wants at least ${least}.`
  if (most !== undefined && saturated(value) > most)
    return `${name} has ${value}; this broker allows at most ${most}.`
  return undefined
}

function boundOf(name: string, settings: BrokerSettings): number | undefined {
  return isBrokerSettingName(name) ? settings.number(name) : undefined
}
