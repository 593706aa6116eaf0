import {
  type Api,
  FindCoordinator,
  type FindCoordinatorResponse,
  type ResponseOf,
} from '@varve/protocol'
import { ProtocolError, protocolError } from '../errors.ts'
import type { Connection, InputFor } from '../network/connection.ts'
import type { Lane } from '../network/connections.ts'
import type { Address } from '../platform.ts'
import type { Cluster } from './cluster.ts'

/** What a coordinator looks after. */
export interface Coordinated {
  readonly type: 'group' | 'transaction'
  /** The group's id, or the transactional id. */
  readonly key: string
}

const KEY_TYPES = { group: 0, transaction: 1 } as const
const KEY_NAMES = { group: 'group', transaction: 'transactional id' } as const
/** Since which version FindCoordinator asks for several keys at once (KIP-699). */
const FIRST_VERSION_BATCHED = 4

/** The broker that looks after a group or a transactional id: found when it is first needed, and again when it turns out to be another one. */
export class Coordinator {
  readonly #cluster: Cluster
  readonly #of: Coordinated
  #address: Address | undefined
  #finding: Promise<Address> | undefined

  constructor(cluster: Cluster, of: Coordinated) {
    this.#cluster = cluster
    this.#of = of
  }

  /** Asks it once. `lane`: requests that the broker holds back have a connection of their own. */
  async request<A extends Api>(
    api: A,
    input: InputFor<A>,
    options: { readonly lane: Lane; readonly timeoutMs: number; readonly newestVersion?: number },
  ): Promise<ResponseOf<A>> {
    const address = await this.#find()
    return this.#cluster.request(address, api, input, options)
  }

  /** The connection on which it is asked: whoever has it knows that nothing was sent before. */
  async connection(lane: Lane): Promise<Connection> {
    const address = await this.#find()
    return this.#cluster.connection(address, lane)
  }

  /** The broker that was asked is not the one, or cannot be reached: the next request looks for it again. */
  forget(): void {
    this.#address = undefined
  }

  #find(): Promise<Address> {
    if (this.#address !== undefined) return Promise.resolve(this.#address)
    this.#finding ??= this.#ask().finally(() => {
      this.#finding = undefined
    })
    return this.#finding
  }

  async #ask(): Promise<Address> {
    const { type, key } = this.#of
    const about = `looking for the coordinator of ${KEY_NAMES[type]} ${key}`
    const { apiTimeoutMs } = this.#cluster.settings
    const response = await this.#cluster.requestAny(
      FindCoordinator,
      version => ({
        keyType: KEY_TYPES[type],
        ...(version < FIRST_VERSION_BATCHED ? { key } : { coordinatorKeys: [key] }),
      }),
      { about, timeoutMs: apiTimeoutMs },
    )
    const { errorCode, errorMessage, host, port } = coordinatorIn(response)
    const error = protocolError(errorCode, { about, detail: errorMessage })
    if (error !== undefined) throw error
    this.#address = { host, port }
    return this.#address
  }
}

function coordinatorIn(response: FindCoordinatorResponse) {
  if (response.coordinators.length === 0) return response
  const [coordinator] = response.coordinators
  if (coordinator !== undefined) return coordinator
  throw new ProtocolError('COORDINATOR_NOT_AVAILABLE', 'the broker named no coordinator')
}
