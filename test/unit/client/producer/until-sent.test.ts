import { describe, expect, it } from 'vitest'
import type { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { untilSent } from '../../../../packages/client/src/producer/until-sent.ts'
import { watch } from '../../../support/fake-client.ts'
import { FakeClock } from '../../../support/fake-platform.ts'

function sending(unsentBytes: number) {
  const clock = new FakeClock()
  const cluster = { unsentBytes, settings: { platform: { clock } } }
  return { clock, cluster, left: watch(untilSent(cluster as unknown as Cluster, 1000)) }
}

describe('untilSent', () => {
  it('waits until everything has left', async () => {
    const { clock, cluster, left } = sending(10)
    await clock.advance(100)
    expect(left.state()).toBe('pending')
    cluster.unsentBytes = 0
    await clock.advance(10)
    expect(left.state()).toBe('resolved')
  })

  it('waits no longer than it was told', async () => {
    const { clock, left } = sending(10)
    await clock.advance(1010)
    expect(left.state()).toBe('resolved')
  })
})
