import { describe, expect, it } from 'vitest'
import { ProtocolError, TimeoutError } from '../../../../packages/client/src/errors.ts'
import { OpenTransaction } from '../../../../packages/client/src/transaction/open-transaction.ts'
import type { TransactionRequests } from '../../../../packages/client/src/transaction/transaction-requests.ts'

function opened(version: 1 | 2) {
  const failures: Error[] = []
  const requests = {
    addPartitions: () => Promise.resolve(),
    addOffsets: () => Promise.resolve(),
    commitOffsets: () => Promise.reject(new TimeoutError('no answer')),
  } as unknown as TransactionRequests
  const open = new OpenTransaction({
    transactionalId: 'x',
    identity: { producerId: 1, producerEpoch: 0 },
    version,
    requests,
    openedAt: 0,
    onAdded: () => {},
    onFailure: failure => failures.push(failure),
  })
  return { open, failures }
}

const refused = (error: ConstructorParameters<typeof ProtocolError>[0]) =>
  new ProtocolError(error, 'writing')

describe('OpenTransaction', () => {
  it('lets partitions in at once with v2, and after they were added with v1', async () => {
    const at = { topic: 't', partition: 0 }
    expect(opened(2).open.admits(at)).toBe(true)
    const { open } = opened(1)
    expect(open.admits(at)).toBe(false)
    await open.untilAdded()
    expect(open.admits(at)).toBe(true)
    expect([open.newestProduceVersion, opened(2).open.newestProduceVersion]).toEqual([11, 13])
  })

  it('keeps its first failure, tells of it once, and lets nothing in any more', () => {
    const { open, failures } = opened(2)
    const first = open.fail(refused('MESSAGE_TOO_LARGE'))
    expect(open.fail(refused('TOPIC_AUTHORIZATION_FAILED'))).toBe(first)
    expect(failures).toEqual([first])
    expect(first).toMatchObject({
      code: 'TRANSACTION_FAILED',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    })
    expect(open.admits({ topic: 't', partition: 0 })).toBe(false)
  })

  it('tells what ends the producer from what ends the transaction', () => {
    const { open } = opened(2)
    expect(open.fail(refused('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'))).toMatchObject({
      code: 'PRODUCER_FAILED',
    })
    const other = opened(2).open
    other.fail(refused('INVALID_PRODUCER_EPOCH'))
    expect([other.isFencingSuspected, open.isFencingSuspected]).toEqual([true, false])
  })

  it('has begun with the first batch, and has a gap with the first that was given up after it left', () => {
    const { open } = opened(1)
    expect(open.hasBegun).toBe(false)
    open.onSent()
    open.onFailure(refused('MESSAGE_TOO_LARGE'), { wasSent: false })
    expect([open.hasBegun, open.hasGap]).toEqual([true, false])
    open.onFailure(new TimeoutError('too late'), { wasSent: true })
    expect(open.hasGap).toBe(true)
  })

  it('fails with offsets that could not be committed', async () => {
    const { open } = opened(1)
    const group = {
      groupId: 'g',
      memberId: '',
      generationIdOrMemberEpoch: -1,
      groupInstanceId: null,
    }
    await expect(open.commitOffsets(group, [])).rejects.toMatchObject({
      code: 'TRANSACTION_FAILED',
    })
    await expect(open.commitOffsets(group, [])).rejects.toBe(open.failure)
  })
})
