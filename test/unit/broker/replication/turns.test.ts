import { expect, it } from 'vitest'
import { Turns } from '../../../../packages/broker/src/replication/turns.ts'
import { settle } from '../../../support/journal-world.ts'

it('makes one change after another, though one of them fails', async () => {
  const turns = new Turns()
  const trace: string[] = []
  const change = (name: string) => async () => {
    trace.push(`${name} begins`)
    await settle()
    trace.push(`${name} ends`)
    if (name === 'bad') throw new Error('the disk is full')
    return name
  }
  const made = ['one', 'bad', 'two'].map(name => turns.take(change(name)))
  let isOver = false
  const over = turns.over.then(() => (isOver = true))
  await expect(made[1]).rejects.toThrow('the disk is full')
  expect([await made[0], isOver]).toEqual(['one', false])
  await over
  expect(await made[2]).toBe('two')
  expect(trace).toEqual(['one', 'bad', 'two'].flatMap(name => [`${name} begins`, `${name} ends`]))
})
