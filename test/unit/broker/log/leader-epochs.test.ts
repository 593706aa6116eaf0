import { describe, expect, it } from 'vitest'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'

const KAFKA = Buffer.from('0\n3\n0 0\n3 120\n7 4096\n')

const loaded = () => {
  const epochs = new LeaderEpochs()
  epochs.load(KAFKA)
  return epochs
}

describe('the leader epochs of a log', () => {
  it('are written as Kafka writes them', () => {
    expect(loaded().encode()).toEqual(KAFKA)
  })

  it('say where an epoch ended', () => {
    const ends = [0, 1, 3, 6, 7, 8, -1].map(epoch => loaded().endOf(epoch, 5000))
    expect(ends.map(({ leaderEpoch, endOffset }) => [leaderEpoch, endOffset])).toEqual([
      [0, 120],
      [0, 120],
      [3, 4096],
      [3, 4096],
      [7, 5000],
      [-1, -1],
      [-1, -1],
    ])
  })

  it('say under which epoch a record was written', () => {
    expect([0, 119, 120, 4095, 4096].map(offset => loaded().epochOf(offset))).toEqual([
      0, 0, 3, 3, 7,
    ])
  })

  it('replace an epoch that had no record', () => {
    const epochs = loaded()
    epochs.assign(9, 4096)
    expect(epochs.encode().toString()).toBe('0\n3\n0 0\n3 120\n9 4096\n')
  })

  it('lose what is cut at either end', () => {
    const epochs = loaded()
    epochs.truncateFromStart(200)
    expect(epochs.encode().toString()).toBe('0\n2\n3 200\n7 4096\n')
    epochs.truncateFromEnd(4096)
    expect(epochs.encode().toString()).toBe('0\n1\n3 200\n')
  })

  it('know nothing when the file makes no sense', () => {
    const epochs = new LeaderEpochs()
    expect(epochs.load(Buffer.from('0\n2\n0 0\nrubbish'))).toBe(false)
    expect(epochs.latest).toBe(-1)
  })
})
