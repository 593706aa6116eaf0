import {
  AlterConfigs,
  type Api,
  DescribeConfigs,
  type DescribeConfigsResponse,
  IncrementalAlterConfigs,
  type IncrementalAlterConfigsResponse,
  ListConfigResources,
  type ResponseOf,
} from '@varve/protocol'
import { askBroker, type Call } from '../cluster/ask.ts'
import { ConfigError, protocolError } from '../errors.ts'
import type { InputFor } from '../network/connection.ts'
import { inOrder } from './in-order.ts'
import {
  type ConfigChanges,
  type ConfigOutcome,
  type ConfigReplacement,
  type ConfigResource,
  type ConfigResourceType,
  configSources,
  configTypes,
  type DescribedConfig,
  type DescribedConfigs,
} from './results.ts'

const RESOURCE_TYPES: { readonly [type in ConfigResourceType]: number } = {
  topic: 2,
  broker: 4,
  'broker-logger': 8,
  'client-metrics': 16,
  group: 32,
}

const SET = 0
const REMOVE = 1
const APPEND = 2
const SUBTRACT = 3

/** Which settings, and how much of them, are described. */
export interface DescribeConfigsOptions {
  /** Only these settings. */
  readonly names?: readonly string[]
  readonly includeSynonyms?: boolean
  readonly includeDocumentation?: boolean
}

/** Describes the settings of resources; one result per resource, in their order. */
export async function describeConfigs(
  call: Call,
  resources: readonly ConfigResource[],
  options: DescribeConfigsOptions,
): Promise<DescribedConfigs[]> {
  const answers = await askByResource(call, DescribeConfigs, resources, part => version => ({
    resources: part.map(({ type, name }) => ({
      resourceType: resourceType(type),
      resourceName: name,
      configurationKeys: options.names === undefined ? null : [...options.names],
    })),
    includeSynonyms: options.includeSynonyms ?? false,
    includeDocumentation: version >= 3 && (options.includeDocumentation ?? false),
  }))
  const results = answers.flatMap(answer => answer.results)
  const described = results.map(result => ({
    ...resourceOf(result),
    error: resourceError('describing the settings of', result),
    configs: result.configs.map(describedConfig),
  }))
  return inOrder<ConfigResource, DescribedConfigs>(resources, described, resourceKey)
}

function describedConfig(
  config: DescribeConfigsResponse['results'][number]['configs'][number],
): DescribedConfig {
  return {
    name: config.name,
    value: config.value,
    source: configSources[config.configSource] ?? 'unknown',
    type: configTypes[config.configType] ?? 'unknown',
    isReadOnly: config.readOnly,
    isSensitive: config.isSensitive,
    documentation: config.documentation,
    synonyms: config.synonyms.map(synonym => ({
      name: synonym.name,
      value: synonym.value,
      source: configSources[synonym.source] ?? 'unknown',
    })),
  }
}

/** Changes single settings; one result per resource, in their order. */
export async function incrementalAlterConfigs(
  call: Call,
  changes: readonly ConfigChanges[],
  validateOnly: boolean,
): Promise<ConfigOutcome[]> {
  const answers = await askByResource(call, IncrementalAlterConfigs, changes, part => ({
    resources: part.map(change => ({
      resourceType: resourceType(change.type),
      resourceName: change.name,
      configs: operations(change),
    })),
    validateOnly,
  }))
  const outcomes = answers.flatMap(answer => answer.responses).map(alteredOutcome)
  return inOrder<ConfigResource, ConfigOutcome>(changes, outcomes, resourceKey)
}

function operations(change: ConfigChanges) {
  const of = (
    configOperation: number,
    values: { readonly [name: string]: string | number | boolean } = {},
  ) =>
    Object.entries(values).map(([name, value]) => ({ name, configOperation, value: String(value) }))
  return [
    ...of(SET, change.set),
    ...(change.remove ?? []).map(name => ({ name, configOperation: REMOVE, value: null })),
    ...of(APPEND, change.append),
    ...of(SUBTRACT, change.subtract),
  ]
}

/** Replaces all settings; one result per resource, in their order. */
export async function alterConfigs(
  call: Call,
  replacements: readonly ConfigReplacement[],
  validateOnly: boolean,
): Promise<ConfigOutcome[]> {
  const answers = await askByResource(call, AlterConfigs, replacements, part => ({
    resources: part.map(({ type, name, configs }) => ({
      resourceType: resourceType(type),
      resourceName: name,
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value: String(value) })),
    })),
    validateOnly,
  }))
  const outcomes = answers.flatMap(answer => answer.responses).map(alteredOutcome)
  return inOrder<ConfigResource, ConfigOutcome>(replacements, outcomes, resourceKey)
}

/** Lists what has settings of its own, optionally of some types only. */
export async function listConfigResources(
  call: Call,
  types: readonly ConfigResourceType[],
): Promise<ConfigResource[]> {
  const about = 'listing what has settings'
  const response = await call.cluster.requestAny(
    ListConfigResources,
    // KIP-1142: version 0 lists client metrics only, and cannot be asked for anything else.
    version => (version >= 1 ? { resourceTypes: types.map(resourceType) } : {}),
    { ...call, about },
  )
  const error = protocolError(response.errorCode, { about })
  if (error !== undefined) throw error
  return response.configResources.map(resourceOf)
}

/** A setting's value as the wire carries it. */
export function configText(value: string | number | boolean | null): string | null {
  return value === null ? null : String(value)
}

/** The settings of one broker are known to that broker alone; all others any broker can answer for, or passes on. */
async function askByResource<A extends Api, R extends ConfigResource>(
  call: Call,
  api: A,
  resources: readonly R[],
  request: (resources: readonly R[]) => InputFor<A>,
): Promise<ResponseOf<A>[]> {
  const parts: { readonly brokerId: number | undefined; readonly resources: R[] }[] = []
  for (const resource of resources) {
    resourceType(resource.type)
    const brokerId = ownerOf(resource)
    const part = parts.find(known => known.brokerId === brokerId)
    if (part === undefined) parts.push({ brokerId, resources: [resource] })
    else part.resources.push(resource)
  }
  return Promise.all(
    parts.map(part =>
      part.brokerId === undefined
        ? call.cluster.requestAny(api, request(part.resources), { ...call, about: api.name })
        : askBroker(call, part.brokerId, api, request(part.resources)),
    ),
  )
}

function ownerOf({ type, name }: ConfigResource): number | undefined {
  if ((type !== 'broker' && type !== 'broker-logger') || name === '') return undefined
  const brokerId = Number(name)
  if (Number.isInteger(brokerId) && brokerId >= 0) return brokerId
  throw new ConfigError(
    `the name of a ${type} is ${JSON.stringify(name)}; expected the id of a broker, or '' for all`,
  )
}

function resourceType(type: ConfigResourceType): number {
  const number = RESOURCE_TYPES[type]
  if (number !== undefined) return number
  const known = Object.keys(RESOURCE_TYPES).join(', ')
  throw new ConfigError(
    `the type of a resource is ${JSON.stringify(type)}; expected one of ${known}`,
  )
}

function resourceOf(wire: {
  readonly resourceType: number
  readonly resourceName: string
}): ConfigResource {
  const type = (Object.keys(RESOURCE_TYPES) as ConfigResourceType[]).find(
    known => RESOURCE_TYPES[known] === wire.resourceType,
  )
  return { type: type ?? 'topic', name: wire.resourceName }
}

function resourceKey({ type, name }: ConfigResource): string {
  return `${type} ${name}`
}

/** AlterConfigs answers in the same words. */
function alteredOutcome(
  altered: IncrementalAlterConfigsResponse['responses'][number],
): ConfigOutcome {
  return { ...resourceOf(altered), error: resourceError('changing the settings of', altered) }
}

function resourceError(
  doing: string,
  wire: {
    errorCode: number
    errorMessage: string | null
    resourceType: number
    resourceName: string
  },
) {
  const { type, name } = resourceOf(wire)
  return protocolError(wire.errorCode, {
    about: `${doing} ${type} ${name}`,
    detail: wire.errorMessage,
  })
}
