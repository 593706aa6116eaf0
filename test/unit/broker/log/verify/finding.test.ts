import { expect, it } from 'vitest'
import { findingKinds } from '../../../../../packages/broker/src/log/verify/finding.ts'

it('says of every kind what it means and what to do, in sentences', () => {
  for (const [kind, { means, advice }] of Object.entries(findingKinds))
    for (const text of [means, advice])
      expect([kind, text]).toEqual([kind, expect.stringMatching(/^[A-Z].*\.$/)])
})

it('counts as damage what a broker does not repair by itself', () => {
  const harmless = Object.entries(findingKinds).flatMap(([kind, { isDamage }]) =>
    isDamage ? [] : [kind],
  )
  expect(harmless).toEqual(['torn tail', 'gap', 'fewer records', 'leftover'])
})
