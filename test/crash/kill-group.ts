import type { Admin, Consumer, ConsumerRecord, Varve } from '@varve/client'
import type { GroupRecord } from '@varve/protocol'
import type { Random } from '../../packages/broker/src/world.ts'

export const TOPIC = 'numbers'
export const PARTITIONS = 6
const MEMBERS_MIN = 2
const MEMBERS_MAX = 4
const REBALANCE_MS_MAX = 2_000
/** A member that is closed while the broker is down is not waited for; the group finds out by itself. */
const STOP_MS_MAX = 500

export interface GroupSetting {
  readonly groupId: string
  readonly groupProtocol: 'classic' | 'consumer'
  readonly partitionAssignors?: readonly ('range' | 'cooperative-sticky')[]
}

/** What was said about one partition. An offset is sent before it is acknowledged, or never is. */
interface Said {
  sent: number
  acknowledged: number
  readonly all: Set<number>
}

/** Members of a group that commit after each single record, and come and go while they do. */
export class KillGroup {
  readonly setting: GroupSetting
  acknowledgements = 0
  /** Commits that were answered with something else, by the name of the error. */
  readonly refusals = new Map<string, number>()
  readonly failures: string[] = []
  readonly #varve: Varve
  readonly #random: Random
  readonly #said: readonly Said[]
  readonly #members: { readonly consumer: Consumer; readonly reading: Promise<void> }[] = []

  constructor(varve: Varve, setting: GroupSetting, random: Random) {
    this.#varve = varve
    this.setting = setting
    this.#random = random
    this.#said = Array.from({ length: PARTITIONS }, () => ({
      sent: 0,
      acknowledged: 0,
      all: new Set<number>(),
    }))
  }

  /** Somebody joins or leaves. */
  change(): void {
    const { length } = this.#members
    const joins = length < MEMBERS_MIN || (length < MEMBERS_MAX && this.#random.below(2) === 0)
    if (joins) this.#join()
    else this.#leave(this.#random.below(length)).catch((error: unknown) => this.#failed(error))
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#members
        .map((_, index) => index)
        .reverse()
        .map(index => this.#leave(index)),
    )
  }

  /**
   * What is wrong with what the group has committed, by the broker's account: an offset below one that was acknowledged, or one
   * that nobody sent.
   */
  async faults(admin: Admin): Promise<string[]> {
    const acknowledged = this.#said.map(said => said.acknowledged)
    const { groupId } = this.setting
    const [found] = await admin.groupOffsets([{ groupId }])
    if (found?.error !== undefined) throw found.error
    return this.#said.flatMap(({ sent }, partition) => {
      const least = acknowledged[partition] ?? 0
      const committed = found?.offsets.find(each => each.partition === partition)?.offset ?? 0
      if (committed >= least && committed <= sent) return []
      return [
        `${groupId}, partition ${partition}: ${committed} is committed, ${least} was acknowledged, ${sent} was sent`,
      ]
    })
  }

  /**
   * The commits that were acknowledged and are not in the group's log. A member that goes on after a restart commits what lies
   * behind a lost commit, so that only the log shows it.
   */
  lost(records: readonly GroupRecord[]): string[] {
    const logged = this.#said.map(() => new Set<number>())
    for (const { type, key, value } of records)
      if (type === 'OffsetCommit' && value !== null) logged[key.partition]?.add(value.offset)
    return this.#said.flatMap(({ all }, partition) => {
      const missing = [...all].filter(offset => logged[partition]?.has(offset) !== true)
      if (missing.length === 0) return []
      const which = missing.slice(0, 5).join(', ')
      return [
        `${missing.length} acknowledged commits of partition ${partition} are not in the log: ${which}`,
      ]
    })
  }

  #join(): void {
    const consumer = this.#varve.consumer({
      ...this.setting,
      topics: [TOPIC],
      autoOffsetReset: 'earliest',
      commit: 'manual',
      rebalanceTimeoutMs: REBALANCE_MS_MAX,
      stopTimeoutMs: STOP_MS_MAX,
      maxPartitionBytes: 16_384,
      ...(this.setting.groupProtocol === 'classic'
        ? { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 200 }
        : {}),
    })
    const reading = this.#read(consumer).catch((error: unknown) => this.#failed(error))
    this.#members.push({ consumer, reading })
  }

  async #leave(index: number): Promise<void> {
    const [member] = this.#members.splice(index, 1)
    await member?.consumer.close()
    await member?.reading
  }

  async #read(consumer: Consumer): Promise<void> {
    for await (const record of consumer) await this.#commit(consumer, record)
  }

  async #commit(consumer: Consumer, { topic, partition, offset }: ConsumerRecord): Promise<void> {
    const said = this.#said[partition]
    if (said === undefined) return
    const next = offset + 1
    said.sent = Math.max(said.sent, next)
    try {
      await consumer.commit([{ topic, partition, offset: next }])
      said.acknowledged = Math.max(said.acknowledged, next)
      said.all.add(next)
      this.acknowledgements += 1
    } catch (error) {
      const name = error instanceof Error ? error.name : String(error)
      this.refusals.set(name, (this.refusals.get(name) ?? 0) + 1)
    }
  }

  #failed(error: unknown): void {
    this.failures.push(`${this.setting.groupId}: ${String(error)}`)
  }
}
