/** A shard of the transaction coordinator in memory, asked in as few words as tests want them. */
import type { ErrorName } from '@varve/protocol'
import {
  addPartitions,
  verifyPartitions,
} from '../../packages/broker/src/coordinator/transaction/add-partitions.ts'
import type { TransactionChange } from '../../packages/broker/src/coordinator/transaction/change.ts'
import { endTransaction } from '../../packages/broker/src/coordinator/transaction/end-transaction.ts'
import type { MarkerErrand } from '../../packages/broker/src/coordinator/transaction/errand.ts'
import type { TransactionEvent } from '../../packages/broker/src/coordinator/transaction/event.ts'
import { initProducer } from '../../packages/broker/src/coordinator/transaction/init-producer.ts'
import type { TransactionShardState } from '../../packages/broker/src/coordinator/transaction/state.ts'
import type {
  Transaction,
  TransactionResult,
} from '../../packages/broker/src/coordinator/transaction/transaction.ts'
import { transactionLogic } from '../../packages/broker/src/coordinator/transaction/transaction-logic.ts'
import type {
  ProducerAndEpoch,
  ProducerAnswer,
  ProducerGiven,
} from '../../packages/broker/src/coordinator/transaction/transaction-requests.ts'
import type { TransactionRules } from '../../packages/broker/src/coordinator/transaction/transaction-rules.ts'
import { imageWith } from './metadata-image.ts'
import { type Asked, PureShard } from './pure-shard.ts'

export const ID = 'payments'

const RULES: TransactionRules = {
  maxTimeoutMs: 900_000,
  idExpirationMs: 604_800_000,
  idExpirationCheckIntervalMs: 3_600_000,
  maxRecordBytes: 1_000_000,
  transactionVersion: 2,
}

export interface InitWords {
  readonly transactionalId?: string
  readonly current?: ProducerAndEpoch
  readonly timeoutMs?: number
}

export interface EndWords {
  readonly transactionalId?: string
  /** The version of the protocol that the client speaks. */
  readonly version?: 0 | 2
}

/** The first fresh producer id is 1000. */
export class TransactionShard extends PureShard<
  TransactionShardState,
  TransactionChange,
  TransactionEvent,
  TransactionRules,
  MarkerErrand
> {
  #freshProducerId = 1000

  constructor(rules: Partial<TransactionRules> = {}) {
    super(transactionLogic, { image: imageWith(), rules: { ...RULES, ...rules } })
    this.restart()
  }

  transaction(transactionalId = ID): Transaction | undefined {
    return this.state.transactions.get(transactionalId)
  }

  /** Asks for an id and epoch, a second time with a fresh id if it has to be. */
  askToInit(words: InitWords = {}): Asked<ProducerAnswer> {
    const { transactionalId = ID, current, timeoutMs = 60_000 } = words
    return this.#withFreshId(
      asking => (state, ticket, moment) =>
        initProducer(state, { transactionalId, current, timeoutMs, ticket, ...asking }, moment),
    )
  }

  /** A producer that was given its id and epoch. */
  init(words: InitWords = {}): ProducerAndEpoch {
    const { error, ...producer } = this.askToInit(words).response() as ProducerGiven
    if (error !== 'NONE') throw new Error(`InitProducerId was refused: ${error}`)
    return producer
  }

  /** Partitions are named `topic-0`. */
  askToAdd(producer: ProducerAndEpoch, places: readonly string[], transactionalId = ID) {
    const partitions = new Map<string, number[]>()
    for (const { topic, partition } of places.map(placeOf))
      partitions.set(topic, [...(partitions.get(topic) ?? []), partition])
    return this.ask<ErrorName>((state, ticket, moment) =>
      addPartitions(state, { transactionalId, ...producer, partitions, ticket }, moment),
    )
  }

  add(producer: ProducerAndEpoch, ...places: readonly string[]): ErrorName {
    return this.askToAdd(producer, places).response()
  }

  verify(producer: ProducerAndEpoch, ...places: readonly string[]): readonly ErrorName[] {
    return this.ask<readonly ErrorName[]>((state, ticket) =>
      verifyPartitions(state, {
        ...{ transactionalId: ID, ticket },
        ...producer,
        partitions: places.map(placeOf),
      }),
    ).response()
  }

  end(producer: ProducerAndEpoch, result: TransactionResult, words: EndWords = {}): ProducerGiven {
    const { transactionalId = ID, version: clientVersion = 2 } = words
    return this.#withFreshId(
      asking => (state, ticket, moment) =>
        endTransaction(
          state,
          { transactionalId, ...producer, result, clientVersion, ticket, ...asking },
          moment,
        ),
    ).response() as ProducerGiven
  }

  /** Every partition has its marker. */
  writeMarkers(): void {
    for (const { transactionalId, producerId, producerEpoch } of this.errands.splice(0))
      this.fire({ type: 'markers-written', transactionalId, producerId, producerEpoch })
  }

  /** Begins a transaction and commits it, markers and all; the producer for the next one. */
  commitOne(producer: ProducerAndEpoch, words: EndWords = {}): ProducerAndEpoch {
    this.add(producer, 'orders-0')
    const { error, ...next } = this.end(producer, 'commit', words)
    if (error !== 'NONE') throw new Error(`EndTxn was refused: ${error}`)
    this.writeMarkers()
    return next
  }

  #withFreshId(
    decide: (asking: {
      freshProducerId: number | undefined
    }) => Parameters<typeof this.ask<ProducerAnswer>>[0],
  ): Asked<ProducerAnswer> {
    const first = this.ask<ProducerAnswer>(decide({ freshProducerId: undefined }))
    if (!first.isAnswered() || first.response() !== 'needs producer id') return first
    return this.ask<ProducerAnswer>(decide({ freshProducerId: this.#freshProducerId++ }))
  }
}

function placeOf(place: string): { topic: string; partition: number } {
  const dash = place.lastIndexOf('-')
  return { topic: place.slice(0, dash), partition: Number(place.slice(dash + 1)) }
}
