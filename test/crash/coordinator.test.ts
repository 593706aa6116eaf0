/** The plug is pulled at every operation of a coordinator's disk: what was answered is there again, and what is there was decided. */
import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../packages/broker/src/coordinator/runtime/decision.ts'
import { answer } from '../../packages/broker/src/coordinator/runtime/decision.ts'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { decideAs, type LedgerAnswer, type LedgerState, read } from '../support/ledger.ts'
import { type Ledger, openLedger } from '../support/ledger-coordinator.ts'
import { ModelDisk, type Survival } from '../support/model-disk.ts'

/** Decision number n writes n into three words, one of which is deleted by each third. */
const decision = (number: number) =>
  decideAs((_: LedgerState, ticket: Ticket<LedgerAnswer>) => ({
    changes: [
      { type: 'write', word: 'a', value: `${number}` },
      { type: 'write', word: 'b', value: number % 3 === 0 ? null : `${number}` },
      { type: 'write', word: `only ${number}`, value: 'yes' },
    ],
    answers: [answer(ticket, `${number}`)],
  }))

const everything = decideAs((state, ticket) => ({
  answers: [answer(ticket, JSON.stringify([...state.words].sort()))],
}))

const stateAfter = (count: number): string => {
  const words = new Map<string, string>()
  for (let number = 1; number <= count; number++) {
    words.set('a', `${number}`)
    if (number % 3 === 0) words.delete('b')
    else words.set('b', `${number}`)
    words.set(`only ${number}`, 'yes')
  }
  return JSON.stringify([...words].sort())
}

/** Runs decisions, several at a time, and notes how many were answered after how many operations of the disk. */
async function run(ledger: Ledger, disk: ModelDisk) {
  const answeredAfter: { readonly operations: number; readonly count: number }[] = []
  let number = 0
  for (const burst of [1, 1, 3, 2, 5, 1]) {
    const asked = Array.from({ length: burst }, () => ledger.ask(decision(++number)))
    await ledger.rest()
    expect(asked.at(-1)?.answer).toBe(`${number}`)
    answeredAfter.push({ operations: disk.operations.length, count: number })
  }
  return { answeredAfter, count: number }
}

async function stateOn(image: DiskImage): Promise<string> {
  const ledger = await openLedger(quietWorld(new ModelDisk(image)))
  await ledger.rest()
  const state = await ledger.answer(everything)
  expect(await ledger.answer(decision(99))).toBe('99')
  expect(await ledger.answer(read('a'))).toBe('99')
  return state
}

describe('a coordinator', () => {
  it('has after a crash all of a large decision or nothing of it', async () => {
    const settings = { maxMessageBytes: 10_000 }
    const large = decideAs((_: LedgerState, ticket: Ticket<LedgerAnswer>) => ({
      changes: Array.from({ length: 40 }, (_, index) => ({
        type: 'write' as const,
        word: `${index}`,
        value: 'x'.repeat(900),
      })),
      answers: [answer(ticket, 'done')],
    }))
    const count = decideAs((state, ticket) => ({
      answers: [answer(ticket, `${state.words.size}`)],
    }))
    const disk = new ModelDisk(new DiskImage())
    const ledger = await openLedger(quietWorld(disk), { settings })
    expect(await ledger.answer(large)).toBe('done')
    const random = memoryRandom(5)
    const survives = ({ type }: { readonly type: string }): Survival =>
      type === 'write' ? { firstBytes: random.below(40_000) } : 'kept'
    const counts = new Set<string>()
    for (let round = 0; round < 10; round++) {
      for (let operations = 0; operations <= disk.operations.length; operations++) {
        const image = disk.imageAfter(operations, survives)
        const again = await openLedger(quietWorld(new ModelDisk(image)), { settings })
        await again.rest()
        counts.add(await again.answer(count))
      }
    }
    expect([...counts].sort()).toEqual(['0', '40'])
  })

  it.each(['lost', 'kept', 'torn'] as const)(
    'has after a crash all that it answered, whatever was not synced was %s',
    async fate => {
      const disk = new ModelDisk(new DiskImage())
      const ledger = await openLedger(quietWorld(disk))
      const { answeredAfter, count } = await run(ledger, disk)
      expect(await ledger.answer(everything)).toBe(stateAfter(count))
      const states = Array.from({ length: count + 1 }, (_, number) => stateAfter(number))
      const random = memoryRandom(11)
      const survives = (): Survival => {
        if (fate !== 'torn') return fate
        const kind = random.below(3)
        return kind === 0 ? 'kept' : kind === 1 ? 'lost' : { firstBytes: random.below(200) }
      }
      for (let operations = 0; operations <= disk.operations.length; operations++) {
        const state = await stateOn(disk.imageAfter(operations, survives))
        const answered = answeredAfter.findLast(each => each.operations <= operations)?.count ?? 0
        expect(states.indexOf(state), `after ${operations} operations`).toBeGreaterThanOrEqual(
          answered,
        )
      }
    },
  )
})
