import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BrokerProcess, freePort, startBrokerProcess } from '../support/processes.ts'

/** Our broker, that is killed and comes back to the same port and folder. */
export class MortalBroker {
  kills = 0
  readonly bootstrap: string
  readonly #dataFolder: string
  readonly #port: number
  #process: BrokerProcess

  private constructor(process: BrokerProcess) {
    this.#process = process
    this.#dataFolder = process.dataFolder
    this.#port = process.port
    this.bootstrap = process.bootstrap
  }

  static async start(name: string): Promise<MortalBroker> {
    const dataFolder = mkdtempSync(join(tmpdir(), `varve-${name}-`))
    return new MortalBroker(await begin(dataFolder, await freePort()))
  }

  /** SIGKILL; it is away for that time. */
  async killFor(milliseconds: number): Promise<void> {
    await this.#process.kill()
    this.kills += 1
    await delay(milliseconds)
    this.#process = await begin(this.#dataFolder, this.#port)
  }

  /** What the one that runs now has printed. */
  output(): string {
    return this.#process.output()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]()
    rmSync(this.#dataFolder, { recursive: true, force: true })
  }
}

const begin = (dataFolder: string, port: number): Promise<BrokerProcess> =>
  startBrokerProcess({ from: 'dist', dataFolder, port, patienceMs: 60_000 })
