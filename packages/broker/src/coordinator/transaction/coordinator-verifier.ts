import type { ErrorName } from '@varve/protocol'
import type { TransactionVerifier, VerificationRequest } from '../transaction-verifier.ts'
import { addPartitions, verifyPartitions } from './add-partitions.ts'
import type { TransactionCoordinator } from './transaction-logic.ts'

/** Asks the coordinator of this very broker. Its answer is durable when it comes (T8), so what it says outlives a crash. */
export class CoordinatorVerifier implements TransactionVerifier {
  readonly #transactions: TransactionCoordinator

  constructor(transactions: TransactionCoordinator) {
    this.#transactions = transactions
  }

  verify(asked: VerificationRequest): Promise<readonly ErrorName[]> {
    return asked.mode === 'add' ? this.#add(asked) : this.#verify(asked)
  }

  async #add({ partitions: list, ...asked }: VerificationRequest): Promise<readonly ErrorName[]> {
    const partitions = new Map<string, number[]>()
    for (const { topic, partition } of list)
      partitions.set(topic, [...(partitions.get(topic) ?? []), partition])
    const error = await this.#transactions.ask<ErrorName>(asked.transactionalId, {
      decide: (state, ticket, moment) =>
        addPartitions(state, { ...asked, partitions, ticket }, moment),
      refuse: error => error,
    })
    return list.map(() => error)
  }

  #verify(asked: VerificationRequest): Promise<readonly ErrorName[]> {
    return this.#transactions.ask<readonly ErrorName[]>(asked.transactionalId, {
      decide: (state, ticket) => verifyPartitions(state, { ...asked, ticket }),
      refuse: error => asked.partitions.map(() => error),
    })
  }
}
