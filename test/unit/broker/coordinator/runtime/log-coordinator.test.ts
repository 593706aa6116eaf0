import { describe, expect, it } from 'vitest'
import { applyAll } from '../../../../../packages/broker/src/metadata/apply.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { GatedDisk } from '../../../../support/gated-disk.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import { read, waitFor, write } from '../../../../support/ledger.ts'
import { openLedger, TOPIC, withTopic } from '../../../../support/ledger-coordinator.ts'
import { imageWith, newTopic } from '../../../../support/metadata-image.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

const newDisk = () => new ModelDisk(new DiskImage())

describe('a coordinator over an internal topic', () => {
  it('makes the topic for the first who asks, once, and answers in the order of asking', async () => {
    const ledger = await openLedger(quietWorld(newDisk()), {
      image: imageWith(),
      made: withTopic(),
    })
    const first = ledger.ask(write('word', 'one'))
    const second = ledger.ask(write('word', 'two'))
    const located = ledger.coordinator.leadersOf(['key'])
    await ledger.rest()
    expect([first.answer, second.answer, await located]).toEqual(['nothing', 'one', [1]])
    expect(ledger.makings).toBe(1)
  })

  it('is not available while its topic cannot be made', async () => {
    const ledger = await openLedger(quietWorld(newDisk()), { image: imageWith() })
    expect(await ledger.answer(read('word'))).toBe('COORDINATOR_NOT_AVAILABLE')
    expect(await ledger.coordinator.leadersOf(['key'])).toEqual(['COORDINATOR_NOT_AVAILABLE'])
    expect(await ledger.coordinator.askAll(read('word'))).toEqual([])
    expect(ledger.makings).toBe(2)
  })

  it('keeps each key in its own shard, and asks all that have something', async () => {
    const ledger = await openLedger(quietWorld(newDisk()), { image: withTopic(50) })
    expect(await ledger.coordinator.askAll(read('word'))).toEqual([])
    await ledger.answer(write('word', 'of neg100'), 'neg100')
    await ledger.answer(write('word', 'of a'), 'a')
    expect([ledger.log(17).logEndOffset, ledger.log(47).logEndOffset]).toEqual([1, 1])
    const all = await ledger.coordinator.askAll(read('word'))
    expect([...all].sort()).toEqual(['of a', 'of neg100'])
  })

  it('sends those elsewhere whose shard another broker leads', async () => {
    const elsewhere = imageWith(
      ...newTopic(TOPIC).map(change =>
        change.type === 'PartitionRecord'
          ? { ...change, replicas: [1, 2], isr: [1, 2], leader: 2 }
          : change,
      ),
    )
    const ledger = await openLedger(quietWorld(newDisk()), { image: elsewhere })
    expect(await ledger.answer(read('word'))).toBe('NOT_COORDINATOR')
    expect(await ledger.coordinator.leadersOf(['key'])).toEqual([2])
  })

  it('refuses with COORDINATOR_LOAD_IN_PROGRESS until the whole log is read (G3)', async () => {
    const disk = newDisk()
    const before = await openLedger(quietWorld(disk))
    for (const value of ['one', 'two', 'three']) await before.answer(write('word', value))
    before.coordinator.stop()
    await before.close()
    const ledger = await openLedger(quietWorld(disk))
    const early = ledger.ask(read('word'))
    const all = ledger.coordinator.askAll(read('word'))
    await ledger.rest()
    expect(early.answer).toBe('COORDINATOR_LOAD_IN_PROGRESS')
    expect(await all).toEqual(['COORDINATOR_LOAD_IN_PROGRESS'])
    expect(await ledger.answer(read('word'))).toBe('three')
  })

  it('decides what a change of topics means after the partitions followed it', async () => {
    const ledger = await openLedger(quietWorld(newDisk()))
    await ledger.answer(write('word', 'one'))
    const waiting = ledger.ask(waitFor('topics'))
    const withOrders = applyAll(withTopic(), newTopic('orders'))
    await ledger.changeTo(withOrders)
    await ledger.rest()
    expect(waiting.answer).toBe('1 to 2')
    const again = ledger.ask(waitFor('topics'))
    await ledger.changeTo(
      applyAll(withOrders, [
        {
          type: 'ConfigRecord',
          resourceType: 4,
          resourceName: '',
          name: 'message.max.bytes',
          value: '1000',
        },
      ]),
    )
    await ledger.rest()
    expect(again.answer).toBeUndefined()
  })

  it('takes the rules anew with every image', async () => {
    let count = 0
    const ledger = await openLedger(quietWorld(newDisk()), {
      rules: () => ({ greeting: `hello ${++count}` }),
    })
    const greet = { refuse: () => 'refused' as const, decide: greeting } as never
    await ledger.changeTo(withTopic())
    expect(await ledger.answer(greet)).toBe('hello 2')
  })

  it('ends a shard whose topic is deleted, and begins anew with the next topic', async () => {
    const ledger = await openLedger(quietWorld(newDisk()), { made: withTopic() })
    await ledger.answer(write('word', 'old'))
    const waiting = ledger.ask(waitFor('other'))
    await ledger.changeTo(imageWith())
    await ledger.rest()
    expect(waiting.answer).toBe('NOT_COORDINATOR')
    expect(await ledger.answer(read('word'))).toBe('nothing')
    expect(await ledger.answer(write('word', 'new'))).toBe('nothing')
  })

  it('answers everybody who asks while its topic is being deleted', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const ledger = await openLedger(quietWorld(newDisk()))
      await ledger.answer(write('word', 'old'))
      const changing = ledger.changeTo(imageWith())
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const asked = [ledger.ask(write('word', 'new')), ledger.ask(read('word'))]
      await changing
      await ledger.rest()
      for (const { answer } of asked)
        expect(
          ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'old'],
          `after ${turns}`,
        ).toContain(answer)
    }
  })

  it('owes a new topic nothing of the shards that the old one lost', async () => {
    const disk = newDisk()
    const ledger = await openLedger(quietWorld(disk), { made: withTopic() })
    await ledger.answer(write('word', 'old'))
    disk.fault = (call, path) => (call === 'write' && path.endsWith('.log') ? 'ENOSPC' : undefined)
    for (let attempt = 0; attempt < 3; attempt++) await ledger.answer(write('word', 'lost'))
    disk.fault = () => undefined
    expect(await ledger.answer(read('word'))).toBe('COORDINATOR_LOAD_IN_PROGRESS')
    await ledger.changeTo(imageWith())
    expect(await ledger.answer(read('word'))).toBe('nothing')
  })

  it('refuses who waits when it stops, and lets answers leave that only wait for the disk', async () => {
    const gate = new GatedDisk(newDisk())
    const ledger = await openLedger(quietWorld(gate))
    await ledger.answer(write('word', 'one'))
    const parked = ledger.ask(waitFor('other'))
    gate.close()
    const answered = ledger.ask(write('word', 'two'))
    ledger.coordinator.stop()
    await ledger.rest()
    expect([parked.answer, answered.answer]).toEqual(['NOT_COORDINATOR', undefined])
    expect(await ledger.answer(read('word'))).toBe('NOT_COORDINATOR')
    expect(await ledger.coordinator.leadersOf(['key'])).toEqual(['COORDINATOR_NOT_AVAILABLE'])
    gate.release()
    await ledger.rest()
    expect(answered.answer).toBe('one')
  })

  it('has no timer when it is stopped, and makes no topic any more', async () => {
    const world = quietWorld(newDisk())
    const ledger = await openLedger(world, { image: imageWith(), made: withTopic() })
    ledger.coordinator.stop()
    expect(await ledger.answer(read('word'))).toBe('NOT_COORDINATOR')
    expect(ledger.makings).toBe(0)
  })
})

function greeting(_: unknown, ticket: never, moment: { rules: { greeting: string } }) {
  return { answers: [{ ticket, response: moment.rules.greeting }] }
}
