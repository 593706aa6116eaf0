import {
  type Api,
  FindCoordinator,
  type FindCoordinatorResponse,
  type ResponseOf,
} from '@varve/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import type { InputFor } from '../network/connection.ts'
import type { Lane } from '../network/connections.ts'
import type { Address } from '../platform.ts'

const GROUP_KEY_TYPE = 0
/** Since which version FindCoordinator asks for several keys at once (KIP-699). */
const FIRST_VERSION_BATCHED = 4

/** The broker that looks after a group: found when it is first needed, and again when it turns out to be another one. */
export class GroupCoordinator {
  readonly #cluster: Cluster
  readonly #groupId: string
  #address: Address | undefined
  #finding: Promise<Address> | undefined

  constructor(cluster: Cluster, groupId: string) {
    this.#cluster = cluster
    this.#groupId = groupId
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
    const about = `looking for the coordinator of group ${this.#groupId}`
    const { apiTimeoutMs } = this.#cluster.settings
    const response = await this.#cluster.requestAny(
      FindCoordinator,
      version => ({
        keyType: GROUP_KEY_TYPE,
        ...(version < FIRST_VERSION_BATCHED
          ? { key: this.#groupId }
          : { coordinatorKeys: [this.#groupId] }),
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
