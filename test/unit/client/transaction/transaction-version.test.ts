import { EndTxn } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Connection } from '../../../../packages/client/src/network/connection.ts'
import { transactionVersionOf } from '../../../../packages/client/src/transaction/transaction-version.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

async function versionAt(level: number | undefined, newestEnd?: number) {
  const fake = new FakeCluster()
  if (level !== undefined) fake.features.set('transaction.version', level)
  if (newestEnd !== undefined) fake.versions.set(EndTxn.key, [0, newestEnd])
  const opening = watch(Connection.open(settingsFor(fake), { host: 'broker-1', port: 9092 }))
  await fake.platform.clock.settle()
  return transactionVersionOf(opening.value())
}

describe('transactionVersionOf', () => {
  it('is 2 where the cluster has finalised it, and 1 everywhere else', async () => {
    expect(await versionAt(2)).toBe(2)
    expect(await versionAt(1)).toBe(1)
    expect(await versionAt(0)).toBe(1)
    expect(await versionAt(undefined)).toBe(1)
  })

  it('is 1 with a coordinator that does not speak what 2 needs', async () => {
    expect(await versionAt(2, 4)).toBe(1)
  })
})
