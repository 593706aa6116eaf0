import { describe, expect, it } from 'vitest'
import { watch } from '../../../support/fake-client.ts'
import { groupConsumer, valueOf } from '../../../support/group-consumer.ts'

/** A hook that is done when the test says so. */
function slowHook() {
  let finish = () => {}
  const hook = () => new Promise<void>(resolve => (finish = resolve))
  return { hook, finish: () => finish() }
}

describe('the partitions that a group gives', () => {
  it('are not read before the hook is done with them', async () => {
    const { hook, finish } = slowHook()
    const { next, write, clock } = groupConsumer({ options: { onAssigned: hook } })
    write(['a'])
    const asked = await next(1000)
    expect(asked.state()).toBe('pending')
    finish()
    await clock.advance(20)
    expect(valueOf(asked)).toBe('a')
  })

  it('can be committed in the hook that gives them up', async () => {
    const options = {
      commit: 'manual' as const,
      onRevoked: () => parts.consumer.commit(),
    }
    const parts = groupConsumer({ options })
    parts.write(['a', 'b'])
    await parts.next()
    await parts.next()
    const closed = watch(parts.consumer.close())
    await parts.next(100)
    expect([closed.state(), parts.group.committed.get('orders-0')]).toEqual(['resolved', 2])
  })

  it('are kept until the hook that gives them up is done', async () => {
    const { hook, finish } = slowHook()
    const { next, group, clock } = groupConsumer({ options: { onRevoked: hook } })
    await next()
    group.isRebalancing = true
    await clock.advance(10_000)
    expect(group.generationId).toBe(1)
    finish()
    await clock.advance(50)
    expect(group.generationId).toBe(2)
  })

  it('end the reading when a hook fails', async () => {
    const onAssigned = () => {
      throw new Error('the hook failed')
    }
    const { next } = groupConsumer({ options: { onAssigned } })
    expect((await next(100)).error().message).toBe('the hook failed')
  })

  it('say which hook it is that everything waits for', async () => {
    const { hook, finish } = slowHook()
    const { next, clock, lines } = groupConsumer({ options: { onAssigned: hook } })
    await next()
    await clock.advance(25_000)
    const warnings = () => lines.filter(({ message }) => message.includes('waits for a hook'))
    expect(warnings().map(({ fields }) => [fields?.['hook'], fields?.['forMs']])).toEqual([
      ['onAssigned', 10_000],
      ['onAssigned', 20_000],
    ])
    finish()
    await clock.advance(50_000)
    expect(warnings().length).toBe(2)
  })

  it('say that a hook failed, also when nobody reads any more', async () => {
    const onRevoked = () => Promise.reject(new Error('the hook failed'))
    const { next, clock, lines, consumer } = groupConsumer({ options: { onRevoked } })
    await next()
    void consumer.close()
    await clock.advance(100)
    const [line] = lines.filter(({ level }) => level === 'error')
    expect(line?.fields).toMatchObject({ hook: 'onRevoked', groupId: 'g' })
  })

  it('are announced once, when a hook hangs and the consumer is closed, which leaves no timer', async () => {
    const seen: number[] = []
    const onRevoked = (gone: readonly object[]) => {
      seen.push(gone.length)
      return new Promise<void>(() => {})
    }
    const { next, group, clock, consumer } = groupConsumer({ options: { onRevoked } })
    await next()
    group.isRebalancing = true
    await clock.advance(4000)
    const closed = watch(consumer.close())
    await clock.advance(10_100)
    expect([closed.state(), seen]).toEqual(['resolved', [2]])
    expect([group.leaves.length, clock.pendingTimers]).toEqual([1, 0])
  })

  it('are announced as revoked when they are lost and nobody asked to know the difference', async () => {
    const seen: string[] = []
    const options = {
      onLost: undefined as never,
      onRevoked: (gone: readonly object[]) => void seen.push(`revoked ${gone.length}`),
    }
    const { next, group, clock } = groupConsumer({ options })
    await next()
    group.expel()
    await clock.advance(3100)
    expect(seen).toEqual(['revoked 2'])
  })
})
