/**
 * Settings from the environment, as Kafka's container images name them: `KAFKA_LOG_RETENTION_MS` is `log.retention.ms`
 * (`___` is `-`, `__` is `_`, `_` is `.`), and Bitnami's `KAFKA_CFG_` means the same.
 */

/** What the environment says about a broker. */
export interface EnvironmentSettings {
  readonly values: ReadonlyMap<string, string>
  /** `CLUSTER_ID`, which the images give to the formatter of the data folder. */
  readonly clusterId: string | undefined
}

export function settingsOfEnvironment(environment: {
  readonly [name: string]: string | undefined
}): EnvironmentSettings {
  const values = new Map<string, string>()
  let clusterId: string | undefined
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue
    if (name === 'CLUSTER_ID' || name === 'KAFKA_CLUSTER_ID' || name === 'KAFKA_KRAFT_CLUSTER_ID') {
      if (value !== '') clusterId ??= value
    } else if (name.startsWith('KAFKA_CFG_')) {
      values.set(settingNameOf(name.slice('KAFKA_CFG_'.length)), value)
    } else if (name.startsWith('KAFKA_') && !isNoSetting(name)) {
      const setting = settingNameOf(name.slice('KAFKA_'.length))
      if (!values.has(setting)) values.set(setting, value)
    }
  }
  return { values, clusterId }
}

function settingNameOf(variable: string): string {
  return variable
    .replaceAll('___', '-')
    .replaceAll('__', '\u0000')
    .replaceAll('_', '.')
    .replaceAll('\u0000', '_')
    .toLowerCase()
}

/** Variables that Kafka's images keep for their own scripts: they are no settings of a broker. */
const ofTheImages: ReadonlySet<string> = new Set([
  'KAFKA_VERSION',
  'KAFKA_HOME',
  'KAFKA_DEBUG',
  'KAFKA_OPTS',
  'KAFKA_HEAP_OPTS',
  'KAFKA_JVM_PERFORMANCE_OPTS',
  'KAFKA_GC_LOG_OPTS',
  'KAFKA_LOG4J_OPTS',
  'KAFKA_LOG4J_ROOT_LOGLEVEL',
  'KAFKA_LOG4J_LOGGERS',
  'KAFKA_TOOLS_LOG4J_LOGLEVEL',
  'KAFKA_ENABLE_KRAFT',
  'KAFKA_EXTRA_FLAGS',
])

function isNoSetting(name: string): boolean {
  return (
    ofTheImages.has(name) ||
    name.startsWith('KAFKA_JMX') ||
    name.startsWith('KAFKA_LOG4J') ||
    // What Kubernetes and container links put into every container beside a service named "kafka".
    /^KAFKA_(SERVICE_|PORT$|PORT_\d)/.test(name)
  )
}
