import { crc32c, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { AppendChunk } from '../../../../packages/broker/src/log/append-chunk.ts'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'
import { LogIntake } from '../../../../packages/broker/src/log/log-intake.ts'
import { ProducerQuota } from '../../../../packages/broker/src/log/producer-quota.ts'
import { ProducerState } from '../../../../packages/broker/src/log/producer-state.ts'
import { Tail, TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'
import { Verifications } from '../../../../packages/broker/src/log/verifications.ts'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { batchOf, plainSettings } from '../../../support/log-harness.ts'

function given() {
  const quota = new ProducerQuota({
    idsMax: 10,
    expirationMs: 86_400_000,
    sweepIntervalMs: 600_000,
  })
  const producers = new ProducerState(quota)
  const leaderEpochs = new LeaderEpochs()
  const cache = new TailCache(1_000_000)
  const intake = new LogIntake(
    10,
    {
      chunk: new AppendChunk(cache, new Tail(cache), new MemoryClock({ now: 0 })),
      producers,
      verifications: new Verifications(),
      leaderEpochs,
    },
    { crc32c },
  )
  intake.lead(3)
  return { intake, producers, leaderEpochs }
}

describe('what enters a log', () => {
  it('gets its offsets and the leader epoch, in bytes that nobody else has', () => {
    const { intake } = given()
    const sent = batchOf({ values: ['a', 'b'] })
    const before = Buffer.from(sent)
    expect(intake.take(sent, plainSettings, 77)).toEqual({
      ...{ outcome: 'appended', baseOffset: 10, lastOffset: 11, logAppendTimeMs: -1 },
    })
    expect(sent).toEqual(before)
    const [batch] = intake.pending
    const kept = new RecordBatch(batch?.block.buffer as Buffer, batch?.start ?? 0)
    expect([kept.baseOffset, kept.partitionLeaderEpoch, intake.endOffset]).toEqual([10, 3, 12])
  })

  it('is stamped where the topic wants the time of the append', () => {
    const { intake } = given()
    const settings = { ...plainSettings, timestampType: 'LogAppendTime' as const }
    expect(intake.take(batchOf({ values: ['a'] }), settings, 77).logAppendTimeMs).toBe(77)
    expect(intake.pending[0]?.maxTimestamp).toBe(77)
  })

  it('is pending until it is written, from the first on', () => {
    const { intake } = given()
    const sent = batchOf({ values: ['a'] })
    for (let count = 0; count < 3; count++) intake.take(sent, plainSettings, 1)
    const before = intake.pending
    intake.wrote(1, sent.length)
    expect([intake.pending.map(({ baseOffset }) => baseOffset), intake.pendingBytes]).toEqual([
      [11, 12],
      2 * sent.length,
    ])
    expect(before).toHaveLength(3)
    intake.takeBack()
    expect([intake.endOffset, intake.pending, intake.pendingBytes]).toEqual([11, [], 0])
  })

  it('is taken back as if it had never come', () => {
    const { intake, producers, leaderEpochs } = given()
    const batch = (baseSequence: number) => batchOf({ values: ['a'], producerId: 7, baseSequence })
    intake.take(batch(0), plainSettings, 1)
    intake.clear()
    const known = producers.get(7)
    intake.lead(4)
    intake.take(batch(1), plainSettings, 1)
    intake.take(batch(2), plainSettings, 1)
    intake.takeBack()
    expect([intake.endOffset, intake.pending]).toEqual([11, []])
    expect(producers.get(7)).toEqual(known)
    expect(leaderEpochs.encode().toString()).toBe('0\n2\n3 10\n4 11\n')
    expect(intake.take(batch(1), plainSettings, 1).baseOffset).toBe(11)
  })

  it('leaves the batches alone that somebody is writing', () => {
    const { intake } = given()
    intake.take(batchOf({ values: ['a'] }), plainSettings, 1)
    const { pending } = intake
    intake.clear()
    expect([pending.length, intake.pending.length]).toEqual([1, 0])
  })
})
