import { expect, it } from 'vitest'
import { TOOLS } from '../../../interop/tools/tool-case.ts'
import { toolCases } from '../../../interop/tools/tool-cases.ts'

it('has commands for every tool', () => {
  expect(new Set(toolCases.map(({ tool }) => tool))).toEqual(new Set(Object.keys(TOOLS)))
  expect(toolCases.length).toBeGreaterThan(150)
})

it('compares lines with what it leaves aside argued, and argues no difference that it does not look at', () => {
  for (const { differs, apart, without, compares } of toolCases) {
    expect(differs !== undefined && apart !== undefined).toBe(false)
    if (apart !== undefined)
      expect([without === undefined, compares === 'end']).toEqual([false, false])
  }
})
