import { expect, it } from 'vitest'
import { kafkaToolsPage } from '../../../../scripts/docs/kafka-tools-page.ts'

it('counts the commands of each tool, and says a reason once', () => {
  const page = kafkaToolsPage([
    { tool: 'kafka-topics', args: '--list' },
    { tool: 'kafka-features', args: '{at} describe', apart: 'It is less.' },
    { tool: 'kafka-features', args: '{at} upgrade', differs: 'It is less.' },
  ])
  expect(page).toContain('| `kafka-features` | 2 | 2 |\n| `kafka-topics` | 1 |  |')
  expect(page).toContain(
    '- It is less. Seen with `kafka-features describe`, `kafka-features upgrade`.',
  )
})
