/**
 * Puts together what a broker was told at start. The strongest first: explicit options, `--override`, the environment, the
 * file, defaults. The environment is over the file because Kafka's images work so: the file is the image's, the
 * environment is the deployment's; an override is what somebody typed for this very start.
 */
import { expectation, refusal } from './accepts.ts'
import { BrokerSettings } from './broker-settings.ts'
import { ConfigError } from './config-error.ts'
import { settingsOfEnvironment } from './environment.ts'
import { isAboutControllers, isImplemented } from './implemented.ts'
import { type ListenerSetting, listenersOf } from './listeners.ts'
import { parseProperties } from './properties.ts'
import { isSensitive } from './setting.ts'
import {
  BROKER_SETTINGS,
  brokerSetting,
  isBrokerSettingName,
  topicSetting,
  topicSynonymsOf,
} from './settings-table.ts'
import { closestName } from './suggest.ts'

export interface ConfigSources {
  /** The text of `--config`'s file. */
  readonly file?: string | undefined
  readonly environment?: { readonly [name: string]: string | undefined } | undefined
  /** Each `--override`, as `key=value`. */
  readonly overrides?: readonly string[] | undefined
  /** What an option of its own or a caller's code said, by setting name. */
  readonly options?: { readonly [setting: string]: string | undefined } | undefined
}

export interface LoadedConfig {
  readonly settings: BrokerSettings
  readonly nodeId: number
  /** The cluster id that a new data folder gets; undefined: a random one. */
  readonly clusterId: string | undefined
  readonly listeners: readonly ListenerSetting[]
  readonly dataDirectories: readonly string[]
  /** Sentences for the operator. */
  readonly warnings: readonly string[]
}

/** Reads and checks everything; throws `ConfigError` with one sentence about the first thing that is wrong. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const environment = settingsOfEnvironment(sources.environment ?? {})
  const merged = new Map<string, string>([
    ...(sources.file === undefined ? [] : parseProperties(sources.file)),
    ...environment.values,
    ...(sources.overrides ?? []).map(parseOverride),
    ...definedEntries(sources.options ?? {}),
  ])
  const warnings: string[] = []
  const given = new Map<string, string>()
  for (const [name, value] of merged) {
    if (!isKnown(name, warnings)) continue
    checkValue(name, value)
    given.set(name, value)
    warnUnlessImplemented(name, value, warnings)
  }
  unify(given, { name: 'node.id', alias: 'broker.id' })
  const nodeId = given.get('node.id')
  // As Kafka tells it, to whoever still asks for the old name.
  if (nodeId !== undefined) given.set('broker.id', nodeId)
  if (!given.has('log.dirs') && given.has('log.dir'))
    given.set('log.dirs', given.get('log.dir') ?? '')
  checkRoles(given)
  refuseUnenforceable(given)
  const settings = new BrokerSettings(given)
  return {
    settings,
    nodeId: settings.int('node.id'),
    clusterId: checkedClusterId(environment.clusterId),
    listeners: listenersOf(settings),
    dataDirectories: settings.list('log.dirs'),
    warnings,
  }
}

function parseOverride(text: string): [string, string] {
  const separator = text.indexOf('=')
  if (separator < 1) throw new ConfigError(`--override ${text} has no value; expected key=value.`)
  return [text.slice(0, separator).trim(), text.slice(separator + 1).trim()]
}

function definedEntries(options: {
  readonly [name: string]: string | undefined
}): [string, string][] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] satisfies [string, string]],
  )
}

/** False for a name that means nothing to us and may stay; throws for one that was probably mistyped. */
function isKnown(name: string, warnings: string[]): boolean {
  if (isBrokerSettingName(name)) return true
  const synonym = topicSynonymsOf(name)[0]
  if (synonym !== undefined) {
    throw new ConfigError(
      `${name} is a setting of topics; for the default of this broker use ${synonym}.`,
    )
  }
  if (topicSetting(name) !== undefined) {
    throw new ConfigError(
      `${name} is a setting of topics and has no default for the broker; set it on a topic.`,
    )
  }
  const closest = closestName(name, Object.keys(BROKER_SETTINGS))
  if (closest !== undefined) {
    throw new ConfigError(`${name} is no setting of the broker; did you mean ${closest}?`)
  }
  warnings.push(`The setting ${name} is unknown and has no effect.`)
  return false
}

function checkValue(name: string, value: string): void {
  const setting = brokerSetting(name)
  if (setting === undefined || refusal(setting, value) === undefined) return
  const shown = isSensitive(setting) ? 'a value' : JSON.stringify(value)
  throw new ConfigError(`${name} has ${shown}; expected ${expectation(setting)}.`)
}

function warnUnlessImplemented(name: string, value: string, warnings: string[]): void {
  if (isImplemented('broker', name) || isAboutControllers(name)) return
  if (brokerSetting(name)?.default === value) return
  warnings.push(`The setting ${name} is known, but Varve does not implement it: it has no effect.`)
}

/** Makes the alias of a setting count as the setting itself. */
function unify(
  given: Map<string, string>,
  { name, alias }: { readonly name: string; readonly alias: string },
): void {
  const old = given.get(alias)
  if (old === undefined || old.trim() === '-1') return
  const value = given.get(name)
  if (value !== undefined && Number(value) !== Number(old)) {
    throw new ConfigError(
      `${name} is ${value} and ${alias} is ${old}; they mean the same thing, give one of them.`,
    )
  }
  if (Number(old) < 0)
    throw new ConfigError(`${alias} has "${old}"; expected an integer, at least 0.`)
  given.set(name, old)
}

function checkRoles(given: ReadonlyMap<string, string>): void {
  const roles = given.get('process.roles')
  if (roles === undefined || roles.split(',').some(role => role.trim() === 'broker')) return
  if (roles.trim() === '') return
  throw new ConfigError(
    `process.roles has "${roles}"; expected a list with broker in it: a Varve node always serves clients.`,
  )
}

/** A setting that keeps somebody out must never be accepted without keeping them out. */
function refuseUnenforceable(given: ReadonlyMap<string, string>): void {
  if ((given.get('authorizer.class.name') ?? '').trim() === '') return
  throw new ConfigError(
    'authorizer.class.name is set, but this version of Varve has no authorizer: everybody would be allowed everything.',
  )
}

function checkedClusterId(clusterId: string | undefined): string | undefined {
  if (clusterId === undefined || /^[A-Za-z0-9_-]{1,64}$/.test(clusterId)) return clusterId
  throw new ConfigError(
    `CLUSTER_ID has ${JSON.stringify(clusterId)}; expected 22 characters of base64url, as kafka-storage random-uuid prints.`,
  )
}
