/** The class that tests know from `@testcontainers/kafka`, with a broker in the process of the test in place of a container. */
import { settingsOfEnvironment } from './config/environment.ts'
import { type RunningBroker, startBroker } from './start-broker.ts'

/** A port of the container, or one with the port of this machine that it is to have. */
export type ExposedPort = number | { readonly container: number; readonly host: number }

/** The port that images of Kafka offer to the machine. */
const PORT_OF_CONTAINER = 9093

/**
 * A broker that is to start, told as one tells a container. Only the import changes in a test that uses `@testcontainers/kafka`:
 * no image is pulled and no Docker is needed. What only a container has (networks, SASL listeners of its image, `exec`) is not
 * there, so that the compiler finds it.
 *
 * @example
 * ```ts
 * const container = await new KafkaContainer().withKraft().start()
 * const brokers = [`${container.getHost()}:${container.getMappedPort(9093)}`]
 * ```
 */
export class KafkaContainer {
  #port = 0
  #containerPort = PORT_OF_CONTAINER
  readonly #settings = new Map<string, string>()

  /** The name of an image is taken, and means nothing here. */
  // biome-ignore lint/complexity/noUselessConstructor: callers give the name of an image.
  constructor(_image?: string) {}

  /** As it is anyway: there is no ZooKeeper. */
  withKraft(): this {
    return this
  }

  /** A broker in this process starts in milliseconds, and fails by itself when it cannot. */
  withStartupTimeout(_ms: number): this {
    return this
  }

  /**
   * Settings as Kafka's images take them: `KAFKA_LOG_RETENTION_MS` is `log.retention.ms`. Listeners and the quorum are the
   * container's own affair, and are left out. A setting that cannot be is refused by `start`, with a `ConfigError`.
   */
  withEnvironment(environment: { readonly [name: string]: string }): this {
    for (const [name, value] of settingsOfEnvironment(environment).values)
      if (!isOfContainer(name)) this.#settings.set(name, value)
    return this
  }

  /** The first port counts: by its number alone it is mapped to a free port, with `host` to that one. */
  withExposedPorts(...[first]: readonly ExposedPort[]): this {
    if (typeof first === 'number') this.#containerPort = first
    if (typeof first === 'object') {
      this.#containerPort = first.container
      this.#port = first.host
    }
    return this
  }

  /** Resolves once the broker takes connections. Its records are in memory, and vanish with it as a container's do. */
  async start(): Promise<StartedKafkaContainer> {
    const settings = Object.fromEntries(this.#settings)
    const broker = await startBroker({ storage: 'memory', port: this.#port, settings })
    return new StartedKafkaContainer(broker, this.#containerPort)
  }
}

/** A broker that runs, asked as one asks a container. */
export class StartedKafkaContainer implements AsyncDisposable {
  readonly #broker: RunningBroker
  readonly #containerPort: number

  constructor(broker: RunningBroker, containerPort: number) {
    this.#broker = broker
    this.#containerPort = containerPort
  }

  getHost(): string {
    return this.#broker.host
  }

  /** The port of this machine for a port of the container. Throws for one that was not exposed. */
  getMappedPort(containerPort: number): number {
    if (containerPort === this.#containerPort) return this.#broker.port
    throw new RangeError(
      `The port ${containerPort} is not exposed; expected ${this.#containerPort}, or name it in withExposedPorts().`,
    )
  }

  getFirstMappedPort(): number {
    return this.#broker.port
  }

  /** The id of the cluster: each broker has one of its own, as each container has. */
  getId(): string {
    return this.#broker.clusterId
  }

  /** Answers what it can, and ends. May be called again. */
  stop(): Promise<void> {
    return this.#broker.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Addresses, roles and folders, which inside a container differ from those of the machine. */
function isOfContainer(name: string): boolean {
  return /^(advertised\.)?listeners$|listener\.|^controller\.|^process\.roles$|^log\.dirs?$|^(node|broker)\.id$/.test(
    name,
  )
}
