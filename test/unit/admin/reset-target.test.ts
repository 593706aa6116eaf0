import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../packages/admin/src/command-error.ts'
import { resetTarget, type TargetOptions } from '../../../packages/admin/src/reset-target.ts'

const NOTHING: TargetOptions = {
  toEarliest: undefined,
  toLatest: undefined,
  toCurrent: undefined,
  toOffset: undefined,
  toDatetime: undefined,
  byDuration: undefined,
  shiftBy: undefined,
  fromFile: undefined,
  fromGroup: undefined,
}
const rows = [{ groupId: undefined, topic: 'orders', partition: 0, offset: 1 }]
const targetOf = (options: Partial<TargetOptions>) =>
  resetTarget(
    { ...NOTHING, ...options },
    { now: () => 10_000_000, readRows: () => Promise.resolve(rows) },
  )

describe('resetTarget', () => {
  it('reads every target', async () => {
    expect(await targetOf({ toEarliest: true })).toEqual({ to: 'earliest' })
    expect(await targetOf({ toLatest: true })).toEqual({ to: 'latest' })
    expect(await targetOf({ toCurrent: true })).toEqual({ to: 'current' })
    expect(await targetOf({ toOffset: '0' })).toEqual({ to: 'offset', offset: 0 })
    expect(await targetOf({ shiftBy: '-5' })).toEqual({ to: 'shift', by: -5 })
    expect(await targetOf({ shiftBy: '+5' })).toEqual({ to: 'shift', by: 5 })
    expect(await targetOf({ toDatetime: '1970-01-01T01:00' })).toEqual({
      to: 'time',
      timestamp: 3_600_000,
    })
    expect(await targetOf({ byDuration: '90m' })).toEqual({ to: 'time', timestamp: 4_600_000 })
    expect(await targetOf({ fromFile: 'plan.csv' })).toEqual({ to: 'rows', name: 'plan.csv', rows })
    expect(await targetOf({ fromFile: '-' })).toMatchObject({ name: 'Standard input' })
    expect(await targetOf({ fromGroup: 'other' })).toEqual({ to: 'group', groupId: 'other' })
  })

  it('refuses none, two, and values that cannot be', async () => {
    await expect(targetOf({})).rejects.toThrow(/^Say where to; expected one of --to-earliest/)
    await expect(targetOf({ toEarliest: true, shiftBy: '1' })).rejects.toThrow(
      /^Only one of --to-earliest and --shift-by can be followed/,
    )
    const wrong: Partial<TargetOptions>[] = [
      { toOffset: '-1' },
      { toOffset: 'x' },
      { toOffset: '9007199254740992' },
      { shiftBy: '1.5' },
      { toDatetime: 'yesterday' },
      { toDatetime: '1969-01-01' },
      { byDuration: 'P1M' },
    ]
    for (const options of wrong) await expect(targetOf(options)).rejects.toThrow(UsageError)
  })
})
