import { batchesOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { answer } from '../../../../../packages/broker/src/coordinator/runtime/decision.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { GatedDisk } from '../../../../support/gated-disk.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import { decideAs, read, waitFor, write } from '../../../../support/ledger.ts'
import { type Ledger, openLedger, withTopic } from '../../../../support/ledger-coordinator.ts'
import { DATA } from '../../../../support/log-harness.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

const newDisk = () => new ModelDisk(new DiskImage())

async function batchSizes(ledger: Ledger): Promise<number[]> {
  const { parts } = await ledger.log().read({
    offset: 0,
    maxBytes: 1_000_000,
    upTo: 'high watermark',
    firstBatchWhole: true,
  })
  return [...batchesOf(Buffer.concat(parts))].map(({ recordsCount }) => recordsCount)
}

describe('a shard', () => {
  it('sees what was decided before, though nothing of it is durable, and answers nobody until it is', async () => {
    const gate = new GatedDisk(newDisk())
    const ledger = await openLedger(quietWorld(gate))
    await ledger.answer(write('word', 'one'))
    gate.close()
    const asked = [
      ledger.ask(write('word', 'two')),
      ledger.ask(write('word', 'three')),
      ledger.ask(read('word')),
    ]
    await ledger.rest()
    expect(gate.waiting).toBe(1)
    const later = ledger.ask(write('word', 'four'))
    await ledger.rest()
    expect([...asked, later].map(each => each.answer)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    gate.release()
    await ledger.rest()
    expect([...asked, later].map(each => each.answer)).toEqual(['one', 'two', 'three', 'three'])
  })

  it('answers questions at once when nothing is on its way to the disk', async () => {
    const gate = new GatedDisk(newDisk())
    const ledger = await openLedger(quietWorld(gate))
    await ledger.answer(write('word', 'one'))
    gate.close()
    const asked = ledger.ask(read('word'))
    await Promise.resolve()
    expect(asked.answer).toBe('one')
  })

  it('writes one batch for each decision, and none for one without records', async () => {
    const ledger = await openLedger(quietWorld(newDisk()))
    await ledger.answer(
      decideAs((_, ticket) => ({
        changes: ['a', 'b', 'c'].map(word => ({ type: 'write', word, value: word })),
        answers: [answer(ticket, 'done')],
      })),
    )
    ledger.ask(waitFor('word'))
    await ledger.answer(read('a'))
    await ledger.answer(write('word', 'one'))
    expect(await batchSizes(ledger)).toEqual([3, 1])
  })

  it('T8: sends errands out when all that was applied is durable, and decides what comes of them', async () => {
    const gate = new GatedDisk(newDisk())
    const ledger = await openLedger(quietWorld(gate))
    await ledger.answer(write('word', 'one'))
    gate.close()
    const asked = ledger.ask(
      decideAs((_, ticket) => ({
        changes: [{ type: 'write', word: 'word', value: 'two' }],
        errands: ['tell everybody'],
        answers: [answer(ticket, 'told')],
      })),
    )
    ledger.ask(decideAs(() => ({ errands: ['tell without a record'] })))
    await ledger.rest()
    expect([asked.answer, ledger.errands]).toEqual([undefined, []])
    gate.release()
    await ledger.rest()
    expect([asked.answer, ledger.errands.map(({ errand }) => errand)]).toEqual([
      'told',
      ['tell everybody', 'tell without a record'],
    ])
    ledger.errands[0]?.done({ word: 'word', value: 'all know' })
    expect(await ledger.answer(read('word'))).toBe('all know')
  })

  it('T8: sends nothing out that has not become durable, and hears of nothing when it is over', async () => {
    const disk = newDisk()
    const ledger = await openLedger(quietWorld(disk))
    await ledger.answer(write('word', 'one'))
    ledger.ask(decideAs(() => ({ errands: ['first'] })))
    await ledger.rest()
    disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
    ledger.ask(
      decideAs(() => ({
        changes: [{ type: 'write', word: 'word', value: 'two' }],
        errands: ['second'],
      })),
    )
    await ledger.rest()
    ledger.errands[0]?.done({ word: 'word', value: 'too late' })
    await ledger.rest()
    expect(ledger.errands.map(({ errand }) => errand)).toEqual(['first'])
  })

  it('answers a waiting request in the decision of another', async () => {
    const ledger = await openLedger(quietWorld(newDisk()))
    const waiting = [ledger.ask(waitFor('word')), ledger.ask(waitFor('word'))]
    await ledger.rest()
    expect(waiting.map(each => each.answer)).toEqual([undefined, undefined])
    await ledger.answer(write('word', 'one'))
    expect(waiting.map(each => each.answer)).toEqual(['one', 'one'])
  })

  it('makes its folder before its first record, and decides again then, in order', async () => {
    const gate = new GatedDisk(newDisk())
    const ledger = await openLedger(quietWorld(gate))
    expect([ledger.log().hasFolder, await gate.list(`${DATA}/__consumer_offsets-0`)]).toEqual([
      false,
      undefined,
    ])
    let decisions = 0
    const question = ledger.ask(read('word'))
    await ledger.rest()
    expect([question.answer, ledger.log().hasFolder]).toEqual(['nothing', false])
    const first = ledger.ask(
      decideAs((_, ticket) => {
        decisions++
        return {
          changes: [{ type: 'write', word: 'word', value: 'one' }],
          answers: [answer(ticket, 'first')],
        }
      }),
    )
    const behind = ledger.ask(read('word'))
    const last = ledger.ask(write('word', 'two'))
    await ledger.rest()
    expect([first, behind, last].map(each => each.answer)).toEqual(['first', 'one', 'one'])
    expect([decisions, ledger.log().hasFolder, ledger.log().logEndOffset]).toEqual([2, true, 2])
  })

  it('refuses all who wait for a folder that cannot be made, and tries again for the next', async () => {
    const disk = newDisk()
    const ledger = await openLedger(quietWorld(disk))
    const parked = ledger.ask(waitFor('other'))
    disk.fault = call => (call === 'open' ? 'EMFILE' : undefined)
    const asked = [ledger.ask(write('word', 'one')), ledger.ask(read('word'))]
    await ledger.rest()
    expect([parked, ...asked].map(each => each.answer)).toEqual([
      'NOT_COORDINATOR',
      'NOT_COORDINATOR',
      'NOT_COORDINATOR',
    ])
    disk.fault = () => undefined
    expect(await ledger.answer(write('word', 'two'))).toBe('nothing')
  })

  it('remembers after a restart what was written, and nothing else', async () => {
    const disk = newDisk()
    const first = await openLedger(quietWorld(disk))
    await first.answer(write('a', '1'))
    await first.answer(write('b', '2'))
    await first.answer(write('a', null))
    await first.answer(write('from the future', 'x'))
    first.ask(waitFor('c'))
    first.coordinator.stop()
    await first.close()
    const again = await openLedger(quietWorld(disk))
    await again.rest()
    expect(await again.answer(read('a'))).toBe('nothing')
    expect(await again.answer(read('b'))).toBe('2')
    expect(
      await again.answer(
        decideAs((state, ticket) => ({
          answers: [answer(ticket, `${state.waiting.size}`)],
        })),
      ),
    ).toBe('0')
  })

  describe('whose log takes an append back for want of space', () => {
    const given = async () => {
      const disk = newDisk()
      const world = quietWorld(disk)
      const ledger = await openLedger(world)
      await ledger.answer(write('word', 'one'))
      const parked = ledger.ask(waitFor('other'))
      await ledger.answer(
        decideAs((_, ticket) => ({
          answers: [answer(ticket, 'set')],
          timers: [{ set: 'late', atMs: 500, event: { word: 'late', value: 'fired' } }],
        })),
      )
      disk.fault = (call, path) =>
        call === 'write' && path.endsWith('.log') ? 'ENOSPC' : undefined
      return { disk, world, ledger, parked }
    }

    it('refuses all who wait, and reads back what is true', async () => {
      const { disk, ledger, parked } = await given()
      const lost = ledger.ask(write('word', 'two'))
      const seen = ledger.ask(read('word'))
      await ledger.rest()
      expect([parked, lost, seen].map(each => each.answer)).toEqual([
        'NOT_COORDINATOR',
        'NOT_COORDINATOR',
        'NOT_COORDINATOR',
      ])
      disk.fault = () => undefined
      expect(await ledger.answer(read('word'))).toBe('one')
      expect(await ledger.answer(write('word', 'three'))).toBe('one')
    })

    it('has no timers any more', async () => {
      const { disk, world, ledger } = await given()
      ledger.ask(write('word', 'two'))
      await ledger.rest()
      disk.fault = () => undefined
      world.clock.advance(10_000)
      await ledger.rest()
      expect(await ledger.answer(read('late'))).toBe('nothing')
    })

    it('does so as well when it was a timer that wrote', async () => {
      const { disk, world, ledger, parked } = await given()
      world.clock.advance(1_000)
      await ledger.rest()
      expect(parked.answer).toBe('NOT_COORDINATOR')
      disk.fault = () => undefined
      expect(await ledger.answer(read('late'))).toBe('nothing')
    })

    it('is read back less and less often while it goes on', async () => {
      const { disk, world, ledger } = await given()
      const answers: unknown[] = []
      for (let attempt = 0; attempt < 40; attempt++) {
        answers.push(await ledger.answer(write('word', 'two')))
        world.clock.advance(250)
        await ledger.rest()
      }
      const losses = answers.filter(each => each === 'NOT_COORDINATOR').length
      expect(losses).toBeGreaterThan(2)
      expect(losses).toBeLessThan(7)
      disk.fault = () => undefined
      world.clock.advance(60_000)
      await ledger.rest()
      expect(await ledger.answer(write('word', 'two'))).toBe('one')
    })
  })

  it('is gone with a disk that fails, and everybody learns it', async () => {
    const disk = newDisk()
    const gate = new GatedDisk(disk)
    const ledger = await openLedger(quietWorld(gate))
    await ledger.answer(write('word', 'one'))
    const parked = ledger.ask(waitFor('other'))
    gate.close()
    const written = ledger.ask(write('word', 'two'))
    await ledger.rest()
    disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
    gate.release()
    await ledger.rest()
    expect([parked.answer, written.answer]).toEqual(['NOT_COORDINATOR', 'NOT_COORDINATOR'])
    expect(await ledger.answer(read('word'))).toBe('NOT_COORDINATOR')
    expect(await ledger.coordinator.askAll(read('word'))).toEqual(['NOT_COORDINATOR'])
  })

  it('refuses a decision whose record the topic does not take, and changes nothing', async () => {
    const ledger = await openLedger(quietWorld(newDisk()), { settings: { maxMessageBytes: 2_000 } })
    await ledger.answer(write('word', 'one'))
    const parked = ledger.ask(waitFor('other'))
    expect(await ledger.answer(write('word', 'x'.repeat(3_000)))).toBe('UNKNOWN_SERVER_ERROR')
    expect(await ledger.answer(read('word'))).toBe('one')
    await ledger.answer(write('other', 'two'))
    expect(parked.answer).toBe('two')
  })

  describe('whose topic does not take what nobody asked for', () => {
    const large = { word: 'large', value: 'x'.repeat(3_000) }

    function* worked(): Generator<void, typeof large, void> {
      yield
      return { ...large, word: 'worked' }
    }

    const given = async () => {
      const world = quietWorld(newDisk())
      let maxMessageBytes = 2_000
      const ledger = await openLedger(world, { settingsOf: () => ({ maxMessageBytes }) })
      await ledger.answer(write('word', 'one'))
      const advance = async (ms: number): Promise<void> => {
        for (let left = ms; left > 0; left -= 500) {
          world.clock.advance(500)
          await ledger.rest()
        }
      }
      const raise = async (): Promise<void> => {
        maxMessageBytes = 10_000
        await ledger.changeTo(withTopic())
      }
      const setTimer = () =>
        ledger.answer(
          decideAs((_, ticket, { patientMs }) => ({
            answers: [answer(ticket, 'set')],
            timers: [{ set: 'large', atMs: patientMs + 100, event: large }],
          })),
        )
      return { world, ledger, advance, raise, setTimer }
    }

    it('changes nothing, says so, and tries again less and less often until the topic takes it', async () => {
      const { world, ledger, advance, raise, setTimer } = await given()
      const waiting = ledger.ask(waitFor('large'))
      await setTimer()
      await advance(10_000)
      expect([waiting.answer, await ledger.answer(read('word'))]).toEqual([undefined, 'one'])
      expect(world.errors).toEqual(
        [1_000, 2_000, 4_000, 8_000].map(
          ms =>
            `A decision of a coordinator is larger than its log takes; it is tried again in ${ms} ms. ` +
            'Raise max.message.bytes and segment.bytes of the topic.',
        ),
      )
      await raise()
      await advance(10_000)
      expect(waiting.answer).toBe(large.value)
    })

    it('does not try again what a timer wanted that was set or cancelled meanwhile', async () => {
      const { world, ledger, advance, raise, setTimer } = await given()
      await setTimer()
      await advance(1_000)
      expect(world.errors).toHaveLength(1)
      await ledger.answer(
        decideAs((_, ticket) => ({
          answers: [answer(ticket, 'cancelled')],
          timers: [{ cancel: 'large' }],
        })),
      )
      await raise()
      await advance(70_000)
      expect(await ledger.answer(read('large'))).toBe('nothing')
      expect(world.errors).toHaveLength(1)
    })

    it('tries again what came of work and of errands', async () => {
      const { ledger, advance, raise } = await given()
      await ledger.answer(
        decideAs((_, ticket) => ({
          answers: [answer(ticket, 'begun')],
          errands: ['go'],
          work: [{ key: 'work', steps: worked() }],
        })),
      )
      ledger.errands[0]?.done({ ...large, word: 'went' })
      await advance(1_000)
      expect(await ledger.answer(read('worked'))).toBe('nothing')
      await raise()
      await advance(2_000)
      expect(await ledger.answer(read('worked'))).toBe(large.value)
      expect(await ledger.answer(read('went'))).toBe(large.value)
    })
  })

  it('writes one batch also where a decision is more than clients may write at once', async () => {
    const ledger = await openLedger(quietWorld(newDisk()), { settings: { maxMessageBytes: 2_000 } })
    await ledger.answer(write('word', 'one'))
    await ledger.answer(
      decideAs((_, ticket) => ({
        changes: Array.from({ length: 30 }, (_, index) => ({
          type: 'write',
          word: `${index}`,
          value: 'x'.repeat(200),
        })),
        answers: [answer(ticket, 'done')],
      })),
    )
    expect(await batchSizes(ledger)).toEqual([1, 30])
  })

  it('decides what a timer fires like a request, and moves it with a stall', async () => {
    const world = quietWorld(newDisk())
    const ledger = await openLedger(world)
    const waiting = ledger.ask(waitFor('late'))
    await ledger.answer(
      decideAs((_, ticket, { patientMs }) => ({
        answers: [answer(ticket, 'set')],
        timers: [
          { set: 'late', atMs: patientMs + 1_000, event: { word: 'late', value: 'fired' } },
          { set: 'gone', atMs: patientMs + 100, event: { word: 'late', value: 'too soon' } },
          { cancel: 'gone' },
        ],
      })),
    )
    world.clock.advance(900)
    await ledger.rest()
    expect(waiting.answer).toBeUndefined()
    world.clock.advance(400)
    await ledger.rest()
    expect(waiting.answer).toBe('fired')
  })

  it('does work after the changes of its decision, and decides its result like a request', async () => {
    const world = quietWorld(newDisk())
    const ledger = await openLedger(world)
    await ledger.answer(write('word', 'one'))
    function* steps() {
      yield
      return { word: 'worked', value: 'out' }
    }
    const asked = ledger.ask(
      decideAs((_, ticket) => ({
        changes: [{ type: 'wait', word: 'worked', ticket }],
        work: [{ key: 'work', steps: steps() }],
      })),
    )
    await ledger.rest()
    world.clock.advance(10)
    await ledger.rest()
    expect(asked.answer).toBe('out')
  })

  it('takes an answer to a request that was answered already for a bug', async () => {
    const ledger = await openLedger(quietWorld(newDisk()))
    const answered = decideAs((_, ticket) => ({
      answers: [answer(ticket, 'once'), answer(ticket, 'twice')],
    }))
    const asked = ledger.ask(answered)
    await ledger.rest()
    expect(asked.answer).toContain('A request is answered once.')
  })

  it('lets a bug in one decision be that of who asked, and goes on', async () => {
    const ledger = await openLedger(quietWorld(newDisk()))
    await ledger.answer(write('word', 'one'))
    const asked = ledger.ask(
      decideAs(() => {
        throw new TypeError('a bug')
      }),
    )
    await ledger.rest()
    expect(asked.answer).toBe('thrown: TypeError: a bug')
    expect(await ledger.answer(read('word'))).toBe('one')
  })

  it('wakes up with the timers that its state asks for', async () => {
    const disk = newDisk()
    const first = await openLedger(quietWorld(disk), { image: withTopic() })
    await first.answer(write('wake', 'me'))
    first.coordinator.stop()
    await first.close()
    const world = quietWorld(disk)
    const again = await openLedger(world)
    await again.rest()
    world.clock.advance(200)
    await again.rest()
    expect(await again.answer(read('woken'))).toBe('yes')
  })
})
