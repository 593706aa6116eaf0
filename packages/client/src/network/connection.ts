import {
  type Api,
  ApiVersions,
  type ApiVersionsResponse,
  decodeResponse,
  encodeRequest,
  FrameReader,
  type RequestInput,
  type ResponseOf,
} from '@varve/protocol'
import { ConnectionError, TimeoutError } from '../errors.ts'
import type { Address, Socket, Timer } from '../platform.ts'
import type { ClientSettings } from '../settings.ts'
import { WakeUp } from '../wake-up.ts'
import { type BrokerVersions, commonVersion, type VersionRange } from './versions.ts'

export interface RequestOptions {
  /** How long the broker may take. Default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** The newest version to use, where the caller cannot fill a newer one. */
  readonly newestVersion?: number | undefined
}

/** A request, or what makes it once the version is known: some fields mean nothing, or another thing, in older versions. */
export type InputFor<A extends Api> = RequestInput<A> | ((version: number) => RequestInput<A>)

interface Waiting {
  readonly api: Api
  readonly version: number
  readonly correlationId: number
  readonly timeoutMs: number
  deadline: number
  readonly resolve: (response: never) => void
  readonly reject: (error: Error) => void
}

interface Outgoing {
  readonly parts: readonly Uint8Array[]
  readonly waiting: Waiting | undefined
}

const SOFTWARE = { clientSoftwareName: 'varve', clientSoftwareVersion: '0.1.0' }

/**
 * One connection to one broker. Requests are pipelined; the broker answers in the order of the requests, so an answer out of
 * order, one that cannot be read, or one that takes too long ends the connection and fails what was under way on it.
 */
export class Connection {
  readonly #settings: ClientSettings
  readonly #address: Address
  readonly #socket: Socket
  readonly #frames: FrameReader
  /** Sent and unanswered, oldest first. */
  #inFlight: Waiting[] = []
  /** Held back while the broker asked for a pause (KIP-219). */
  #held: Outgoing[] = []
  #throttledUntil = 0
  #throttle: Timer | undefined
  /** One timer per connection, for the earliest deadline: a timer per request would cost more than the request. */
  readonly #deadlines: WakeUp
  #nextCorrelationId = 0
  #versions: BrokerVersions = new Map()
  #features: ReadonlyMap<string, number> = new Map()
  #closed: Error | undefined
  #connected: { resolve: () => void; reject: (error: Error) => void } | undefined

  /** Connects and learns which versions the broker speaks. */
  static async open(settings: ClientSettings, address: Address): Promise<Connection> {
    const connection = new Connection(settings, address)
    const { clock } = settings.platform
    const timer = clock.after(settings.connectionTimeoutMs, () =>
      connection.#end(
        new TimeoutError(
          `connecting to ${describe(address)} took more than ${settings.connectionTimeoutMs} ms`,
        ),
      ),
    )
    try {
      await new Promise<void>((resolve, reject) => {
        connection.#connected = { resolve, reject }
      })
      await connection.#negotiate()
      return connection
    } finally {
      timer.cancel()
    }
  }

  private constructor(settings: ClientSettings, address: Address) {
    this.#settings = settings
    this.#address = address
    this.#deadlines = new WakeUp(settings.platform.clock, () => this.#checkDeadlines())
    this.#frames = new FrameReader({
      maxFrameBytes: settings.maxResponseBytes,
      onFrame: (frame, owned) => this.#answer(frame, owned),
      onTooLarge: sizeBytes =>
        this.#end(
          new ConnectionError(`${describe(address)} announced a response of ${sizeBytes} bytes`),
        ),
    })
    this.#socket = settings.platform.connect(address, {
      onConnect: () => this.#connected?.resolve(),
      onBytes: chunk => this.#receive(chunk),
      onClose: reason =>
        this.#end(
          new ConnectionError(
            `the connection to ${describe(address)} ${reason ? `failed: ${reason.message}` : 'was closed by the broker'}`,
            {
              cause: reason,
            },
          ),
        ),
    })
  }

  get isOpen(): boolean {
    return this.#closed === undefined
  }

  /** How many requests wait for an answer. */
  get inFlight(): number {
    return this.#inFlight.length + this.#held.length
  }

  /** Bytes that were sent and have not left this machine yet. */
  get unsentBytes(): number {
    return this.#socket.unsentBytes
  }

  /** The version that a request of this API would use. Throws UNSUPPORTED_VERSION when there is none in common. */
  versionOf(api: Api, newest?: number): number {
    return commonVersion(api, this.#versions, newest)
  }

  /** The level of a feature that the cluster has finalised, 0 for one that it does not know (KIP-584). */
  featureLevel(name: string): number {
    return this.#features.get(name) ?? 0
  }

  /** Sends a request; the promise is settled by its answer, or by the end of the connection. */
  request<A extends Api>(
    api: A,
    input: InputFor<A>,
    options: RequestOptions = {},
  ): Promise<ResponseOf<A>> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#closed
      const version = this.versionOf(api, options.newestVersion)
      const waiting: Waiting = {
        api,
        version,
        correlationId: this.#correlationId(),
        timeoutMs: options.timeoutMs ?? this.#settings.requestTimeoutMs,
        deadline: 0,
        resolve,
        reject,
      }
      this.#send({ parts: this.#encode(waiting, input), waiting })
    })
  }

  /** Sends a request that gets no answer: Produce with acks 0. */
  tell<A extends Api>(api: A, input: InputFor<A>, newestVersion?: number): void {
    if (this.#closed !== undefined) throw this.#closed
    const version = this.versionOf(api, newestVersion)
    const correlationId = this.#correlationId()
    this.#send({ parts: this.#encode({ api, version, correlationId }, input), waiting: undefined })
  }

  /** Ends the connection; what is under way on it fails with `reason`. */
  close(
    reason: Error = new ConnectionError(`the connection to ${describe(this.#address)} was closed`),
  ): void {
    this.#end(reason)
  }

  #correlationId(): number {
    this.#nextCorrelationId = (this.#nextCorrelationId + 1) & 0x7fff_ffff
    return this.#nextCorrelationId
  }

  #encode<A extends Api>(
    as: Pick<Waiting, 'version' | 'correlationId'> & { readonly api: A },
    input: InputFor<A>,
  ): readonly Uint8Array[] {
    const { correlationId, version } = as
    const request =
      typeof input === 'function' ? (input as (version: number) => RequestInput<A>)(version) : input
    return encodeRequest(
      as.api,
      version,
      { correlationId, clientId: this.#settings.clientId },
      request,
    )
  }

  #send(outgoing: Outgoing): void {
    if (this.#throttle !== undefined) {
      this.#held.push(outgoing)
      return
    }
    const { waiting } = outgoing
    if (waiting !== undefined) {
      waiting.deadline = this.#settings.platform.clock.monotonic() + waiting.timeoutMs
      this.#inFlight.push(waiting)
      this.#deadlines.at(waiting.deadline)
    }
    this.#socket.send(outgoing.parts)
  }

  #receive(chunk: Buffer): void {
    if (this.#closed !== undefined) return
    try {
      this.#frames.push(chunk)
    } catch (error) {
      this.#end(
        new ConnectionError(`${describe(this.#address)} sent what could not be read`, {
          cause: error,
        }),
      )
    }
  }

  #answer(frame: Buffer, owned: boolean): void {
    const waiting = this.#inFlight.shift()
    if (this.#closed !== undefined) return
    if (
      waiting === undefined ||
      frame.length < 4 ||
      frame.readInt32BE(0) !== waiting.correlationId
    ) {
      if (waiting !== undefined) this.#inFlight.unshift(waiting)
      this.#end(
        new ConnectionError(`${describe(this.#address)} answered a request that was not next`),
      )
      return
    }
    // A response may keep views of its frame, and a frame that is not owned lies in the receive buffer.
    const bytes = owned ? frame : Buffer.from(frame)
    let response: ResponseOf<Api>
    try {
      response = readResponse(waiting, bytes)
    } catch (error) {
      this.#inFlight.unshift(waiting)
      this.#end(
        new ConnectionError(
          `the ${waiting.api.name} response of ${describe(this.#address)} could not be read`,
          {
            cause: error,
          },
        ),
      )
      return
    }
    this.#obeyThrottle(response)
    waiting.resolve(response as never)
  }

  #obeyThrottle(response: object): void {
    const throttleTimeMs = 'throttleTimeMs' in response ? Number(response.throttleTimeMs) : 0
    if (!(throttleTimeMs > 0)) return
    const { clock } = this.#settings.platform
    const until = clock.monotonic() + throttleTimeMs
    if (until <= this.#throttledUntil) return
    this.#throttledUntil = until
    this.#throttle?.cancel()
    this.#throttle = clock.after(throttleTimeMs, () => {
      this.#throttle = undefined
      const held = this.#held
      this.#held = []
      for (const outgoing of held) this.#send(outgoing)
    })
  }

  #checkDeadlines(): void {
    const now = this.#settings.platform.clock.monotonic()
    const late = this.#inFlight.find(waiting => waiting.deadline <= now)
    if (late === undefined) {
      for (const waiting of this.#inFlight) this.#deadlines.at(waiting.deadline)
      return
    }
    const about = `${describe(this.#address)} did not answer ${late.api.name} within ${late.timeoutMs} ms`
    this.#end(new TimeoutError(about))
  }

  #end(reason: Error): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    this.#deadlines.cancel()
    this.#throttle?.cancel()
    this.#socket.destroy()
    this.#connected?.reject(reason)
    for (const waiting of this.#inFlight) waiting.reject(reason)
    for (const { waiting } of this.#held) waiting?.reject(reason)
    this.#inFlight = []
    this.#held = []
  }

  /** KIP-511: a broker that does not know our version of ApiVersions says which it knows, in the layout of version 0. */
  async #negotiate(): Promise<void> {
    let version: number = ApiVersions.versions[1]
    for (;;) {
      this.#versions = new Map([[ApiVersions.key, { min: 0, max: version }]])
      const response = await this.request(ApiVersions, SOFTWARE, {
        timeoutMs: this.#settings.connectionTimeoutMs,
      })
      const versions = versionRanges(response)
      if (response.errorCode === 0) {
        this.#versions = versions
        this.#features = finalizedLevels(response)
        return
      }
      const offered = versions.get(ApiVersions.key)?.max ?? 0
      if (response.errorCode !== 35 || offered >= version) {
        const reason = new ConnectionError(
          `${describe(this.#address)} refused ApiVersions ${version} with error ${response.errorCode}`,
        )
        this.#end(reason)
        throw reason
      }
      version = offered
    }
  }
}

function readResponse(waiting: Waiting, frame: Buffer): ResponseOf<Api> {
  // The error code follows the correlation id in every version of ApiVersions.
  const isRefusal =
    waiting.api.key === ApiVersions.key && frame.length >= 6 && frame.readInt16BE(4) === 35
  return decodeResponse(waiting.api, isRefusal ? 0 : waiting.version, frame).response
}

function versionRanges(response: ApiVersionsResponse): Map<number, VersionRange> {
  return new Map(
    response.apiKeys.map(range => [range.apiKey, { min: range.minVersion, max: range.maxVersion }]),
  )
}

function finalizedLevels(response: ApiVersionsResponse): Map<string, number> {
  if (response.finalizedFeaturesEpoch < 0) return new Map()
  return new Map(
    response.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]),
  )
}

function describe(address: Address): string {
  return address.host.includes(':')
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`
}
