/** What producers have asked for and were told, transaction by transaction: what their records are compared with. */
import type { TransactionResult } from '../../packages/broker/src/coordinator/transaction/transaction.ts'
import { holds } from './holds.ts'

/** A transaction as its client sees it. */
export interface Unit {
  readonly name: string
  readonly groupId: string
  readonly asked: Set<TransactionResult>
  told: TransactionResult | undefined
  /** Values of records by whether their Produce was answered with success, and where they were sent. */
  readonly records: Map<string, { readonly partition: number; isAcknowledged: boolean }>
  /** Offsets that were to be committed with it, in order. */
  readonly offsets: { readonly offset: number; isAcknowledged: boolean }[]
}

export interface ProducerAndEpoch {
  readonly producerId: number
  readonly producerEpoch: number
}

export class Units {
  readonly all: Unit[] = []
  readonly byValue = new Map<string, Unit>()
  /** The least epoch of a producer id with which anything may still be written, as far as somebody was told. */
  readonly #least = new Map<number, number>()
  #lastOffset = 0

  begin(name: string, groupId: string): Unit {
    const unit: Unit = {
      ...{ name, groupId, asked: new Set(), told: undefined },
      ...{ records: new Map(), offsets: [] },
    }
    this.all.push(unit)
    return unit
  }

  newRecord(unit: Unit, partition: number): string {
    const value = `${unit.name}:${unit.records.size}`
    unit.records.set(value, { partition, isAcknowledged: false })
    this.byValue.set(value, unit)
    return value
  }

  newOffset(unit: Unit): number {
    this.#lastOffset += 1
    unit.offsets.push({ offset: this.#lastOffset, isAcknowledged: false })
    return this.#lastOffset
  }

  /** Somebody was given this epoch: what is below is fenced (T6), and the largest is nobody's (T10). */
  given({ producerId, producerEpoch }: ProducerAndEpoch): void {
    holds(producerEpoch < 32_767, 'T10: the largest epoch is nobody’s')
    this.#least.set(producerId, Math.max(producerEpoch, this.leastEpoch(producerId)))
  }

  leastEpoch(producerId: number): number {
    return this.#least.get(producerId) ?? 0
  }
}
