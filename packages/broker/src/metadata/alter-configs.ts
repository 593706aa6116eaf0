/** Decides what becomes of dynamic settings: of topics, brokers, groups and subscriptions to client metrics. Each resource succeeds or fails as a whole. */
import { listItems } from '../config/accepts.ts'
import type { BrokerSettings } from '../config/broker-settings.ts'
import { clientMetricsConfigProblem } from '../config/client-metrics-configs.ts'
import { brokerConfigProblem } from '../config/dynamic-broker-configs.ts'
import { groupConfigProblem, groupSettingValue } from '../config/group-configs.ts'
import type { Setting } from '../config/setting.ts'
import {
  brokerSetting,
  clientMetricsSetting,
  groupSetting,
  isBrokerSettingName,
  isGroupSettingName,
  isTopicSettingName,
  topicSetting,
} from '../config/settings-table.ts'
import { combinationProblem, topicConfigProblem } from '../config/topic-configs.ts'
import { topicSettingValue } from '../config/topic-settings.ts'
import type { Amendment } from './amend.ts'
import { type MetadataChange, RESOURCE_TYPE } from './change.ts'
import type { MetadataImage } from './image.ts'
import type { Refusal } from './new-partitions.ts'
import { topicNameProblem } from './topic-name.ts'

export type AlterOperation = 'set' | 'delete' | 'append' | 'subtract'

export interface WantedConfigs {
  readonly resourceType: number
  readonly resourceName: string
  readonly alterations: readonly {
    readonly name: string
    readonly operation: AlterOperation
    readonly value: string | null
  }[]
  /** Whether settings that are not named keep their value or lose it. */
  readonly others: 'keep' | 'drop'
}

export type Altered = { readonly error: 'NONE' } | Refusal

export interface ConfigRules {
  readonly settings: BrokerSettings
  readonly brokerId: number
}

type Values = ReadonlyMap<string, string>

/** One outcome for each resource, in order. A resource that is named twice is the caller's to refuse. */
export function alterConfigs(
  image: MetadataImage,
  wanted: readonly WantedConfigs[],
  rules: ConfigRules,
): Amendment<readonly Altered[]> {
  const changes: MetadataChange[] = []
  const outcome = wanted.map((resource): Altered => {
    const current = currentConfigs(image, resource, rules)
    if ('error' in current) return current
    const next = alter(current, resource)
    if ('error' in next) return next
    const { resourceType, resourceName } = resource
    for (const [name, value] of next.values) {
      if (current.values.get(name) === value) continue
      changes.push({ type: 'ConfigRecord', resourceType, resourceName, name, value })
    }
    for (const name of current.values.keys()) {
      if (next.values.has(name)) continue
      changes.push({ type: 'ConfigRecord', resourceType, resourceName, name, value: null })
    }
    return { error: 'NONE' }
  })
  return { outcome, changes }
}

/** What a resource has now, and how its kind is judged. */
interface Current {
  readonly values: Values
  readonly setting: (name: string) => Setting | undefined
  /** The value that counts now, for adding to a list. */
  readonly effective: (name: string) => string
  readonly problem: (name: string, value: string | null) => string | undefined
  readonly combinationProblem: (values: Values) => string | undefined
}

const NONE: Values = new Map()

function currentConfigs(
  image: MetadataImage,
  { resourceType, resourceName }: WantedConfigs,
  rules: ConfigRules,
): Current | Refusal {
  if (resourceType === RESOURCE_TYPE.TOPIC) return topicConfigs(image, resourceName, rules)
  if (resourceType === RESOURCE_TYPE.BROKER) return brokerConfigs(image, resourceName, rules)
  if (resourceType === RESOURCE_TYPE.GROUP) return groupConfigs(image, resourceName, rules)
  if (resourceType === RESOURCE_TYPE.CLIENT_METRICS) return clientMetrics(image, resourceName)
  return {
    error: 'INVALID_REQUEST',
    message: `Settings of resources of type ${resourceType} cannot be changed.`,
  }
}

function topicConfigs(
  image: MetadataImage,
  resourceName: string,
  { settings }: ConfigRules,
): Current | Refusal {
  const problem = topicNameProblem(resourceName)
  if (problem !== undefined)
    return { error: 'INVALID_TOPIC_EXCEPTION', message: `Not a topic name: ${problem}.` }
  const topic = image.topics.byName.get(resourceName)
  if (topic === undefined) {
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `There is no topic ${resourceName}.` }
  }
  const { configs } = topic
  return {
    values: configs,
    setting: topicSetting,
    effective: name =>
      (isTopicSettingName(name) ? topicSettingValue(name, configs, settings).value : null) ?? '',
    problem: topicConfigProblem,
    combinationProblem,
  }
}

function brokerConfigs(
  image: MetadataImage,
  resourceName: string,
  { settings, brokerId }: ConfigRules,
): Current | Refusal {
  if (resourceName !== '' && resourceName !== String(brokerId)) {
    return {
      error: 'INVALID_REQUEST',
      message: `This is broker ${brokerId}; expected its id, or an empty name for all brokers.`,
    }
  }
  const values = image.brokerConfigs.get(resourceName) ?? NONE
  const scope = resourceName === '' ? 'cluster' : 'broker'
  return {
    values,
    setting: brokerSetting,
    effective: name =>
      values.get(name) ?? (isBrokerSettingName(name) ? settings.text(name) : '') ?? '',
    problem: (name, value) => brokerConfigProblem(name, value, scope),
    combinationProblem: () => undefined,
  }
}

function groupConfigs(
  image: MetadataImage,
  resourceName: string,
  { settings }: ConfigRules,
): Current | Refusal {
  if (resourceName === '') return { error: 'INVALID_REQUEST', message: 'The group has no name.' }
  const values = image.groupConfigs.get(resourceName) ?? NONE
  return {
    values,
    setting: groupSetting,
    effective: name =>
      (isGroupSettingName(name) ? groupSettingValue(name, values, settings).value : null) ?? '',
    problem: (name, value) => groupConfigProblem(name, value, settings),
    combinationProblem: () => undefined,
  }
}

function clientMetrics(image: MetadataImage, resourceName: string): Current | Refusal {
  if (resourceName === '')
    return { error: 'INVALID_REQUEST', message: 'The subscription has no name.' }
  const values = image.clientMetricsConfigs.get(resourceName) ?? NONE
  return {
    values,
    setting: clientMetricsSetting,
    effective: name => values.get(name) ?? '',
    problem: clientMetricsConfigProblem,
    combinationProblem: () => undefined,
  }
}

function alter(
  current: Current,
  { alterations, others }: WantedConfigs,
): { readonly values: Values } | Refusal {
  const next = new Map(others === 'keep' ? current.values : NONE)
  const named = new Set<string>()
  for (const { name, operation, value } of alterations) {
    if (named.has(name))
      return { error: 'INVALID_REQUEST', message: `The setting ${name} is given twice.` }
    named.add(name)
    const altered = operation === 'delete' ? null : altersTo(current, { name, operation, value })
    if (typeof altered === 'object' && altered !== null) return altered
    // What an older version accepted may always be taken back.
    const problem =
      altered === null ? unknownProblem(current, name) : current.problem(name, altered)
    if (problem !== undefined) return { error: 'INVALID_CONFIG', message: problem }
    if (altered === null) next.delete(name)
    else next.set(name, altered)
  }
  const message = current.combinationProblem(next)
  return message === undefined ? { values: next } : { error: 'INVALID_CONFIG', message }
}

function unknownProblem(current: Current, name: string): string | undefined {
  if (current.setting(name) !== undefined || current.values.has(name)) return undefined
  return current.problem(name, '')
}

function altersTo(
  current: Current,
  alteration: {
    readonly name: string
    readonly operation: 'set' | 'append' | 'subtract'
    readonly value: string | null
  },
): string | Refusal {
  const { name, operation, value } = alteration
  const setting = current.setting(name)
  if (setting === undefined) {
    return {
      error: 'INVALID_CONFIG',
      message: current.problem(name, value) ?? `There is no setting ${name}.`,
    }
  }
  if (value === null)
    return { error: 'INVALID_CONFIG', message: `The setting ${name} has no value.` }
  if (operation === 'set') return value
  if (setting.type !== 'LIST') {
    return {
      error: 'INVALID_CONFIG',
      message: `The setting ${name} is no list, so nothing can be added or taken away.`,
    }
  }
  const items = listItems(current.effective(name))
  const given = listItems(value)
  const result =
    operation === 'append'
      ? [...items, ...given.filter(item => !items.includes(item))]
      : items.filter(item => !given.includes(item))
  return result.join(',')
}
