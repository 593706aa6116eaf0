import { describe, expect, it } from 'vitest'
import { verdict } from '../../../../scripts/check/verdict.ts'

describe('the verdict over a check', () => {
  it('passes what ended well and looked at something', () => {
    expect(verdict({ exitCode: 0, output: 'Checked 3 files', looked: 3 }).passed).toBe(true)
  })

  it.each([0, Number.NaN])('fails what ended well and looked at %s things', looked => {
    expect(verdict({ exitCode: 0, output: '', looked })).toMatchObject({ passed: false })
  })

  it.each([1, 2, null])('fails what ended with %s', exitCode => {
    expect(verdict({ exitCode, output: '', looked: 3 }).passed).toBe(false)
  })
})
