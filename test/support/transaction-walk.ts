/** Producers of one transactional id as a model walks them, with the partitions that they write to, and what must hold after every step. */
import type { ErrorName } from '@varve/protocol'
import { expect } from 'vitest'
import type { MarkerErrand } from '../../packages/broker/src/coordinator/transaction/errand.ts'
import type { TransactionResult } from '../../packages/broker/src/coordinator/transaction/transaction.ts'
import type {
  ProducerAndEpoch,
  ProducerAnswer,
  ProducerGiven,
} from '../../packages/broker/src/coordinator/transaction/transaction-requests.ts'
import type { Asked } from './pure-shard.ts'
import { ID, TransactionShard } from './transaction-shard.ts'

/** What a walk does next. `pick` chooses among what there is. */
export type WalkStep =
  | {
      readonly type: 'init' | 'commit' | 'abort' | 'commit unheard' | 'abort unheard' | 'recover'
      readonly client: number
    }
  | { readonly type: 'send'; readonly client: number; readonly partition: number }
  | { readonly type: 'repeat' | 'mark'; readonly pick: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'restart' }

/** One transaction as its client sees it; `outcome` is what the client was told, `asked` what it has asked for. */
interface Unit {
  readonly asked: Set<TransactionResult>
  outcome: TransactionResult | undefined
}

interface Client {
  readonly version: 0 | 2
  producer: ProducerAndEpoch | undefined
  unit: Unit | undefined
  /** Partitions in the open transaction, of which the coordinator has been told (v1). */
  added: Set<number>
  waiting:
    | { readonly order: number; readonly asked: Asked<unknown>; readonly hear: () => void }
    | undefined
}

const isEnding = ({ unit }: Client): boolean => unit !== undefined && unit.asked.size > 0

const orderOf = ({ waiting }: Client): number => waiting?.order ?? 0

interface Data extends ProducerAndEpoch {
  readonly kind: 'data'
  readonly unit: Unit
}

interface Marker extends ProducerAndEpoch {
  readonly kind: 'marker'
  readonly result: TransactionResult
}

/** A partition as far as transactions go: its newest epoch of each producer, and the proofs that nothing has come between (T7). */
class ModelPartition {
  readonly log: (Data | Marker)[] = []
  readonly #epochs = new Map<number, number>()
  readonly #proofs = new Map<number, object>()

  proofFor({ producerId }: ProducerAndEpoch): object {
    const proof = this.#proofs.get(producerId) ?? {}
    this.#proofs.set(producerId, proof)
    return proof
  }

  append(data: Data, proof: object): boolean {
    const { producerId, producerEpoch } = data
    if (producerEpoch < (this.#epochs.get(producerId) ?? -1)) return false
    if (!this.#isOpen(data) && this.#proofs.get(producerId) !== proof) return false
    this.#epochs.set(producerId, producerEpoch)
    this.log.push(data)
    return true
  }

  mark(marker: Marker): void {
    const { producerId, producerEpoch } = marker
    const isRepeated = this.#epochs.get(producerId) === producerEpoch && !this.isOpen(producerId)
    expect(producerEpoch, 'markers come in the order of epochs').toBeGreaterThanOrEqual(
      this.#epochs.get(producerId) ?? -1,
    )
    this.#epochs.set(producerId, producerEpoch)
    this.#proofs.delete(producerId)
    if (!isRepeated) this.log.push(marker)
  }

  /** Whether a transaction of the producer holds the last stable offset. */
  isOpen(producerId: number): boolean {
    return this.log.findLast(entry => entry.producerId === producerId)?.kind === 'data'
  }

  #isOpen({ producerId, producerEpoch }: Data): boolean {
    const last = this.log.findLast(entry => entry.producerId === producerId)
    return last?.kind === 'data' && last.producerEpoch === producerEpoch
  }
}

const PARTITIONS = 3

export class TransactionWalk {
  readonly shard: TransactionShard
  readonly clients: Client[]
  readonly partitions = Array.from({ length: PARTITIONS }, () => new ModelPartition())
  readonly #units: Unit[] = []
  /** What was sent before, to be sent again. */
  readonly #sent: (() => void)[] = []
  #asked = 0
  readonly #givenEpochs = new Map<number, number>()
  /** Markers on their way, and where they have arrived. */
  readonly #arrived = new Map<MarkerErrand, Set<string>>()

  constructor(versions: readonly (0 | 2)[], given: { readonly firstEpoch: number }) {
    this.shard = new TransactionShard()
    this.clients = versions.map(version => ({
      version,
      producer: undefined,
      unit: undefined,
      added: new Set(),
      waiting: undefined,
    }))
    this.shard.init()
    const transaction = this.shard.transaction()
    if (transaction === undefined) throw new Error('it was given')
    const producerEpoch = given.firstEpoch
    this.shard.take({
      changes: [{ type: 'transaction', transaction: { ...transaction, producerEpoch } }],
    })
  }

  step(step: WalkStep): void {
    switch (step.type) {
      case 'advance':
        this.shard.advance(step.ms)
        break
      case 'restart':
        this.shard.restart()
        this.#arrived.clear()
        for (const client of this.clients) client.waiting = undefined
        break
      case 'mark':
        this.#mark(step.pick)
        break
      case 'repeat':
        this.#sent.slice(-5)[step.pick % 5]?.()
        break
      case 'init':
      case 'recover':
      case 'commit':
      case 'abort':
      case 'commit unheard':
      case 'abort unheard':
      case 'send':
        this.#act(step)
    }
    this.#hear()
    this.check()
  }

  /** Faults are over: all markers are written, and whatever is open times out. */
  converge(): void {
    for (let round = 0; round < 3; round++) {
      while (this.shard.errands.length > 0) this.#mark(0)
      this.shard.advance(61_000)
      this.#hear()
    }
    while (this.shard.errands.length > 0) this.#mark(0)
    this.check()
    for (const { log } of this.partitions) {
      const producers = new Set(log.map(({ producerId }) => producerId))
      for (const producerId of producers)
        expect(
          log.findLast(entry => entry.producerId === producerId)?.kind,
          'the last stable offset is never stuck',
        ).toBe('marker')
    }
    for (const unit of this.#units) this.#checkWhole(unit)
  }

  /** What holds after every step. */
  check(): void {
    const reloaded = this.shard.reloaded(this.shard.records)
    expect(reloaded.transactions, 'the state is what the log says').toEqual(
      this.shard.state.transactions,
    )
    for (const unit of this.#units) this.#checkUnit(unit)
  }

  #act(step: Extract<WalkStep, { readonly client: number }>): void {
    const client = this.clients[step.client % this.clients.length]
    if (client === undefined || client.waiting !== undefined) return
    if (client.producer === undefined) return this.#init(client, undefined)
    switch (step.type) {
      case 'init':
        return this.#init(client, undefined)
      case 'recover':
        return this.#init(client, client.producer)
      case 'send':
        return this.#send(client, step.partition % PARTITIONS)
      case 'commit':
      case 'abort':
        return this.#end(client, step.type)
      case 'commit unheard':
        return this.#endUnheard(client, 'commit')
      case 'abort unheard':
        return this.#endUnheard(client, 'abort')
    }
  }

  #init(client: Client, current: ProducerAndEpoch | undefined): void {
    if (client.unit !== undefined && current !== undefined) return
    const asked = this.shard.askToInit(current === undefined ? {} : { current })
    client.unit = undefined
    client.added.clear()
    client.waiting = {
      order: this.#asked++,
      asked,
      hear: () => {
        const answer = asked.response() as ProducerAnswer
        if (answer === 'needs producer id' || answer.error !== 'NONE') {
          if (answer !== 'needs producer id' && answer.error === 'PRODUCER_FENCED')
            client.producer = undefined
          return
        }
        client.producer = this.#given(answer, current === undefined ? 'new' : 'new or again')
      },
    }
  }

  /** T6, T10: epochs only grow, the largest is nobody's, and what is below the newest is fenced. */
  #given(
    { producerId, producerEpoch }: ProducerGiven,
    epoch: 'new' | 'new or again',
  ): ProducerAndEpoch {
    expect(producerEpoch, 'T10').toBeLessThan(32_767)
    const before = this.#givenEpochs.get(producerId) ?? -1
    const least = epoch === 'new' ? before + 1 : before
    expect(producerEpoch, 'T6').toBeGreaterThanOrEqual(least)
    this.#givenEpochs.set(producerId, producerEpoch)
    return { producerId, producerEpoch }
  }

  #send(client: Client, index: number): void {
    const { producer, version } = client
    const partition = this.partitions[index]
    // Who wants the end of a transaction adds nothing to it.
    if (producer === undefined || partition === undefined || isEnding(client)) return
    client.unit ??= this.#newUnit()
    const { unit } = client
    const isAdded = client.added.has(index)
    const proof = partition.proofFor(producer)
    const data: Data = { kind: 'data', unit, ...producer }
    const asked = isAdded ? undefined : this.shard.askToAdd(producer, [`orders-${index}`])
    if (version === 2) this.#sent.push(() => this.#sendAgain(data, index))
    if (asked === undefined) {
      this.#append(data, index, proof)
      return
    }
    client.waiting = {
      order: this.#asked++,
      asked,
      hear: () => {
        const error = asked.response()
        if (error === 'NONE') {
          client.added.add(index)
          this.#append(data, index, proof)
        } else this.#refused(client, error)
      },
    }
  }

  /** A copy of a request that was on its way for long: the coordinator is asked anew (v2). */
  #sendAgain(data: Data, index: number): void {
    const partition = this.partitions[index]
    if (partition === undefined || data.unit.outcome === undefined) return
    const proof = partition.proofFor(data)
    const asked = this.shard.askToAdd(data, [`orders-${index}`])
    if (asked.isAnswered() && asked.response() === 'NONE') this.#append(data, index, proof)
  }

  #append(data: Data, index: number, proof: object): void {
    if (this.partitions[index]?.append(data, proof) !== true) return
    const newest = this.#givenEpochs.get(data.producerId) ?? -1
    expect(data.producerEpoch, 'T6: who is fenced writes nothing').toBe(newest)
  }

  #end(client: Client, result: TransactionResult): void {
    const { producer, unit, version } = client
    if (producer === undefined || unit === undefined) return
    if (version === 0 && client.added.size === 0) return
    const end = () => this.shard.end(producer, result, { version })
    unit.asked.add(result)
    const answer = end()
    // In v1 a late copy ends whatever is open then (KAFKA-17754): there is nothing in it that would say so.
    if (version === 2)
      this.#sent.push(() => {
        const again = end()
        if (unit.outcome !== undefined && again.error === 'NONE')
          expect(result, 'a retry tells what was decided').toBe(unit.outcome)
      })
    if (answer.error === 'CONCURRENT_TRANSACTIONS') return
    if (answer.error !== 'NONE') {
      this.#refused(client, answer.error)
      return
    }
    unit.outcome = result
    client.unit = undefined
    client.added.clear()
    client.producer = version === 2 ? this.#given(answer, 'new or again') : client.producer
  }

  /** The answer is lost on the way: the client will ask again, or for the other result. */
  #endUnheard({ producer, unit, version, added }: Client, result: TransactionResult): void {
    if (producer === undefined || unit === undefined) return
    if (version === 0 && added.size === 0) return
    unit.asked.add(result)
    this.shard.end(producer, result, { version })
  }

  #refused(client: Client, error: ErrorName): void {
    if (error === 'CONCURRENT_TRANSACTIONS') return
    client.unit = undefined
    client.added.clear()
    client.producer = undefined
  }

  #newUnit(): Unit {
    const unit: Unit = { asked: new Set(), outcome: undefined }
    this.#units.push(unit)
    return unit
  }

  /** One marker of one transaction arrives; when all have, the coordinator hears of it. */
  #mark(pick: number): void {
    const { errands } = this.shard
    const errand = errands[pick % Math.max(1, errands.length)]
    if (errand === undefined) return
    const arrived = this.#arrived.get(errand) ?? new Set()
    this.#arrived.set(errand, arrived)
    const places = [...errand.partitions].flatMap(([, indexes]) => indexes.map(String))
    const next = places.find(place => !arrived.has(place))
    const { producerId, producerEpoch, result } = errand
    if (next !== undefined) {
      arrived.add(next)
      this.partitions[Number(next)]?.mark({ kind: 'marker', producerId, producerEpoch, result })
    }
    if (arrived.size < places.length) return
    errands.splice(errands.indexOf(errand), 1)
    this.#arrived.delete(errand)
    this.shard.fire({ type: 'markers-written', transactionalId: ID, producerId, producerEpoch })
  }

  /** Those who wait are answered in the order in which they asked. */
  #hear(): void {
    const inOrder = this.clients.toSorted((one, other) => orderOf(one) - orderOf(other))
    for (const client of inOrder) {
      const { waiting } = client
      if (waiting === undefined || !waiting.asked.isAnswered()) continue
      client.waiting = undefined
      waiting.hear()
    }
  }

  /** T3, T4, T5 as far as its markers are written. */
  #checkUnit(unit: Unit): void {
    const results = new Set<TransactionResult>()
    for (const { log } of this.partitions) {
      const places = log.flatMap((entry, place) =>
        entry.kind === 'data' && entry.unit === unit ? [place] : [],
      )
      const [first = -1] = places
      const last = places.at(-1) ?? -1
      if (last < 0) continue
      const { producerId } = log[first] as Data
      const isMarker = (entry: Data | Marker): entry is Marker =>
        entry.kind === 'marker' && entry.producerId === producerId
      expect(log.slice(first, last).some(isMarker), 'T4: no data after the marker').toBe(false)
      const marker = log.slice(last + 1).find(isMarker)
      if (marker !== undefined) results.add(marker.result)
    }
    expect(results.size, 'T5: one result everywhere').toBeLessThanOrEqual(1)
    const [result] = results
    if (unit.outcome !== undefined && result !== undefined)
      expect(result, 'T5: what the producer was told').toBe(unit.outcome)
    if (result === 'commit')
      expect(unit.asked.has('commit'), 'T3: only what was committed').toBe(true)
  }

  /** A commit that was answered is there in all partitions that were written to. */
  #checkWhole(unit: Unit): void {
    if (unit.outcome !== 'commit') return
    for (const { log } of this.partitions) {
      const last = log.findLastIndex(entry => entry.kind === 'data' && entry.unit === unit)
      if (last < 0) continue
      const { producerId } = log[last] as Data
      const marker = log
        .slice(last + 1)
        .find(
          (entry): entry is Marker => entry.kind === 'marker' && entry.producerId === producerId,
        )
      expect(marker?.result, 'T5: committed as a whole').toBe('commit')
    }
  }
}
