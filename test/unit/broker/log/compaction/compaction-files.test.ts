import { expect, it } from 'vitest'
import { parseSwapFileName } from '../../../../../packages/broker/src/log/compaction/compaction-files.ts'

it('knows the files of a segment that is being swapped in', () => {
  expect(parseSwapFileName('00000000000000000042.log.swap')).toEqual({ offset: 42, kind: 'log' })
  expect(parseSwapFileName('00000000000000000042.index.swap')?.kind).toBe('index')
  expect(parseSwapFileName('00000000000000000042.log')).toBeUndefined()
  expect(parseSwapFileName('other.swap')).toBeUndefined()
})
