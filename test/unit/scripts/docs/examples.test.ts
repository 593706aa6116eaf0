import { expect, it } from 'vitest'
import { withExamples } from '../../../../scripts/docs/examples.ts'

it('puts the file as it is now into the block that names it, and leaves the other blocks', () => {
  const page = [
    '```js',
    '// examples/testing/a.mjs',
    'what it was',
    '```',
    '```js',
    'another()',
    '```',
    '```ts',
    '// examples/b.ts',
    '```',
    '',
  ].join('\n')
  const read = (path: string): string => `is ${path} $&\n`
  const printed = withExamples(page, read)
  expect(printed).toBe(
    [
      '```js',
      '// examples/testing/a.mjs',
      'is examples/testing/a.mjs $&',
      '```',
      '```js',
      'another()',
      '```',
      '```ts',
      '// examples/b.ts',
      'is examples/b.ts $&',
      '```',
      '',
    ].join('\n'),
  )
  expect(withExamples(printed, read)).toBe(printed)
})
