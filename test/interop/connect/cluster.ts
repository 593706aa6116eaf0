import { until } from '../java-program.ts'
import { type Settings, Worker, type WorkerOptions } from './worker.ts'

interface Status {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly {
    readonly id: number
    readonly state: string
    readonly worker_id: string
    readonly trace?: string
  }[]
}

const RUNNING_MS_MAX = 60_000

/** The topics that the workers share, as they make them: how many partitions each has. */
export const SHARED_TOPICS = {
  'connect-configs': 1,
  'connect-offsets': 25,
  'connect-status': 5,
} as const

/** Workers that share connectors between them. */
export class ConnectCluster {
  readonly workers: readonly Worker[]

  private constructor(workers: readonly Worker[]) {
    this.workers = workers
  }

  static async start(
    names: readonly string[],
    at: Pick<WorkerOptions, 'cache' | 'folder'> & { readonly bootstrap: string },
  ): Promise<ConnectCluster> {
    const { cache, folder, bootstrap } = at
    const settings = {
      'bootstrap.servers': bootstrap,
      'group.id': 'connect-cluster',
      'config.storage.topic': 'connect-configs',
      'offset.storage.topic': 'connect-offsets',
      'status.storage.topic': 'connect-status',
      'config.storage.replication.factor': 1,
      'offset.storage.replication.factor': 1,
      'status.storage.replication.factor': 1,
      'exactly.once.source.support': 'enabled',
      'consumer.isolation.level': 'read_committed',
      'session.timeout.ms': 6000,
      'heartbeat.interval.ms': 1000,
      // Longer than the broker is away.
      'task.shutdown.graceful.timeout.ms': 20_000,
      // How long the tasks of who is missed are left to it.
      'scheduled.rebalance.max.delay.ms': 1000,
    }
    const worker = (name: string): Promise<Worker> =>
      Worker.start({
        ...{ name, cache, folder, settings, program: 'ConnectDistributed' },
        connectors: {},
      })
    const started = await Promise.allSettled(names.map(worker))
    const workers = started.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
    const cluster = new ConnectCluster(workers)
    const failed = started.find(({ status }) => status === 'rejected')
    if (failed?.status !== 'rejected') return cluster
    await cluster[Symbol.asyncDispose]()
    throw failed.reason
  }

  /** Any worker that is not away. */
  get #asked(): Worker {
    const [worker] = this.workers.filter(({ isAway }) => !isAway)
    if (worker === undefined) throw new Error('every worker is away')
    return worker
  }

  /** It is refused while the workers are about to agree on who does what. */
  async create(name: string, config: Settings): Promise<void> {
    await until(`${name} is created`, RUNNING_MS_MAX, () =>
      this.ask('PUT', `/connectors/${name}/config`, config).then(
        () => true,
        (error: unknown) => {
          if (String(error).includes(': 409 ')) return false
          throw error
        },
      ),
    )
  }

  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown> {
    return this.#asked.ask(method, path, body)
  }

  async status(name: string): Promise<Status> {
    return (await this.ask('GET', `/connectors/${name}/status`)) as Status
  }

  /** Who runs each of these, once every one of them and its task runs with a worker that is there. */
  async running(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const where = new Map<string, string>()
    const present = this.workers.filter(({ isAway }) => !isAway).map(({ id }) => id)
    let last = ''
    const runs = async (name: string): Promise<boolean> => {
      const { connector, tasks } = await this.status(name)
      last = JSON.stringify({ name, connector, tasks })
      const [task] = tasks
      if (task === undefined) return false
      where.set(name, task.worker_id)
      const all = [connector, ...tasks]
      return all.every(({ state, worker_id: id }) => state === 'RUNNING' && present.includes(id))
    }
    await until('all connectors and tasks run', RUNNING_MS_MAX, async () => {
      const found = await Promise.all(names.map(name => runs(name).catch(() => false)))
      return found.every(Boolean)
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; the last status is ${last}; ${this.account()}`)
    })
    return where
  }

  async stopped(name: string): Promise<void> {
    await until(`${name} is stopped`, RUNNING_MS_MAX, async () => {
      const { connector, tasks } = await this.status(name)
      return connector.state === 'STOPPED' && tasks.length === 0
    })
  }

  account(): string {
    return this.workers.map(worker => worker.account()).join('; ')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map(worker => worker[Symbol.asyncDispose]()))
  }
}
