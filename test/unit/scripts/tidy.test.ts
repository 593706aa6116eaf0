import { describe, expect, it } from 'vitest'
import { asciiCode } from '../../../scripts/tidy/characters.ts'
import { goldenBytes } from '../../../scripts/tidy/golden.ts'
import { handlersListed } from '../../../scripts/tidy/handlers-listed.ts'
import { brokerLayering, packageDirection } from '../../../scripts/tidy/layers.ts'
import { links } from '../../../scripts/tidy/links.ts'
import { lockFile } from '../../../scripts/tidy/lock-file.ts'
import { testMirror } from '../../../scripts/tidy/mirror.ts'
import { fileNames } from '../../../scripts/tidy/names.ts'
import { rules } from '../../../scripts/tidy/rules.ts'
import { fileSizes } from '../../../scripts/tidy/sizes.ts'
import { codeOnly } from '../../../scripts/tidy/source-text.ts'
import { type Finding, treeOf } from '../../../scripts/tidy/tree.ts'

const none = new Set<string>()
const broker = (path: string, content: string): Record<string, string> => ({
  [`packages/broker/src/${path}`]: content,
})
const passes = (finding: Finding): void => {
  expect(finding.problems).toEqual([])
  expect(finding.looked).toBeGreaterThan(0)
}
const fails = (finding: Finding, ...words: string[]): void => {
  expect(finding.problems).toHaveLength(1)
  for (const word of words) expect(finding.problems[0]).toContain(word)
}

describe('package direction', () => {
  it('lets the broker know the protocol', () => {
    passes(packageDirection(treeOf(broker('log/a.ts', "import { crc32c } from '@varve/protocol'"))))
  })

  it('refuses a broker that knows the client', () => {
    fails(
      packageDirection(treeOf(broker('log/a.ts', "import type { Producer } from '@varve/client'"))),
      'client',
    )
  })

  it('refuses another package reached by a path', () => {
    fails(
      packageDirection(treeOf(broker('log/a.ts', "export * from '../../../client/src/index.ts'"))),
      'client',
    )
  })

  it('refuses a package that reaches into the tests', () => {
    fails(
      packageDirection(treeOf(broker('log/a.ts', "import '../../../../test/support/x.ts'"))),
      'the rest',
    )
  })

  it('sees an import that is made while running', () => {
    fails(
      packageDirection(treeOf(broker('log/a.ts', "const x = await import('@varve/admin')"))),
      'admin',
    )
  })

  it('wants a place for a new package', () => {
    fails(packageDirection(treeOf({ 'packages/console/src/a.ts': '' })), 'console')
  })
})

describe('layering inside the broker', () => {
  it('lets the handlers know the log', () => {
    passes(brokerLayering(treeOf(broker('handlers/a.ts', "import { x } from '../log/x.ts'"))))
  })

  it('lets a layer know itself', () => {
    passes(brokerLayering(treeOf(broker('log/a.ts', "import { x } from './journal/x.ts'"))))
  })

  it('refuses a log that knows the partition', () => {
    const tree = treeOf(
      broker('log/a.ts', "import type {\n  Partition,\n} from '../replication/partition.ts'"),
    )
    fails(brokerLayering(tree), 'log must not know replication')
  })

  it('refuses a handler that knows the server', () => {
    fails(
      brokerLayering(treeOf(broker('handlers/a.ts', "export { x } from '../server/x.ts'"))),
      'server',
    )
  })

  it('lets settings know the image, and decisions know the settings', () => {
    passes(brokerLayering(treeOf(broker('config/a.ts', "import '../metadata/image.ts'"))))
    passes(brokerLayering(treeOf(broker('metadata/a.ts', "import '../config/a.ts'"))))
    fails(brokerLayering(treeOf(broker('config/a.ts', "import '../metadata/a.ts'"))), 'metadata')
  })

  it('wants a place for a new folder', () => {
    fails(brokerLayering(treeOf(broker('plumbing/a.ts', ''))), 'no place')
  })
})

describe('the test mirror', () => {
  const source = broker('log/segment.ts', 'export class Segment {}')

  it('finds the test of a source', () => {
    passes(testMirror(treeOf({ ...source, 'test/unit/broker/log/segment.test.ts': '' }), none))
  })

  it.each([
    'export class Segment {}',
    'export function open() {}',
    'export const open = (x: number) => x',
    'export const table = { a: 1 }',
    'const cache = new Map()',
    'export class E extends Error {\n  a = 1\n}\nexport function open() {}',
    'export interface A {\n  readonly a: 1\n}\nexport const open = (a: A) => a',
  ])('misses the test of %s', content => {
    fails(
      testMirror(treeOf(broker('log/segment.ts', content)), none),
      'has no test/unit/broker/log/segment.test.ts',
    )
  })

  it.each([
    "/** x => y */\nexport type A = 'a' | 'b'\nexport interface B {\n  run(x: number): () => void\n  readonly a: 1\n}\n",
    "export { A } from './a.ts'\nexport * from './b.ts'",
    "import { A } from './a.ts'\nexport type F = (a: A) => void",
    'export type F =\n  | (() => void)\n  | string\n',
    'export const LIMIT = 5',
    "export class E extends Error {\n  override readonly name = 'E'\n\n  constructor(a: string) {\n    super(f(() => a))\n  }\n}\n",
  ])('asks none of a file that only names things: %s', content => {
    passes(testMirror(treeOf(broker('log/segment.ts', content)), none))
  })

  it('lets the list of the untested excuse a file', () => {
    passes(testMirror(treeOf(source), new Set(['packages/broker/src/log/segment.ts'])))
  })

  it('wants a file off that list once it has its test', () => {
    const tree = treeOf({ ...source, 'test/unit/broker/log/segment.test.ts': '' })
    fails(testMirror(tree, new Set(['packages/broker/src/log/segment.ts'])), 'take it off')
  })

  it('wants a file off that list once it is gone', () => {
    const finding = testMirror(treeOf({}), new Set(['packages/broker/src/log/segment.ts']))
    fails(finding, 'is gone')
  })
})

describe('golden bytes', () => {
  const apis = [{ name: 'Heartbeat', versions: [0, 1] as const }]
  const line = (name: string, version: number): string => `${JSON.stringify({ name, version })}\n`

  it('are there for each version', () => {
    const content = [0, 1].flatMap(v => [line('HeartbeatRequest', v), line('HeartbeatResponse', v)])
    passes(goldenBytes(treeOf({ 'test/golden/a.jsonl': content.join('') }), apis))
  })

  it('are missed for one version and direction', () => {
    const content = [
      line('HeartbeatRequest', 0),
      line('HeartbeatRequest', 1),
      line('HeartbeatResponse', 1),
    ]
    fails(
      goldenBytes(treeOf({ 'test/golden/a.jsonl': content.join('') }), apis),
      'HeartbeatResponse v0',
    )
  })

  it('look at nothing without APIs', () => {
    expect(goldenBytes(treeOf({}), []).looked).toBe(0)
  })
})

describe('the list of handlers', () => {
  const declared = broker(
    'handlers/fetch.ts',
    'export const fetch = handler(Fetch, [], () => undefined)',
  )

  it('holds every handler', () => {
    const index = broker(
      'handlers/index.ts',
      "import { fetch } from './fetch.ts'\nexport const handlers = [fetch]",
    )
    passes(handlersListed(treeOf({ ...declared, ...index })))
  })

  it('misses a handler that is not imported', () => {
    fails(
      handlersListed(treeOf({ ...declared, ...broker('handlers/index.ts', '') })),
      'handlers/fetch.ts',
    )
  })

  it('misses a handler that is imported and not listed', () => {
    const index = broker(
      'handlers/index.ts',
      "import { fetch } from './fetch.ts'\nexport const handlers = []",
    )
    fails(handlersListed(treeOf({ ...declared, ...index })), 'not in its list')
  })
})

describe('file names', () => {
  it('say the idea', () => passes(fileNames(treeOf(broker('log/offset-index.ts', '')))))

  it.each(['utils', 'helpers', 'common', 'types', 'misc'])('may not be %s', name => {
    fails(fileNames(treeOf(broker(`log/${name}.ts`, ''))), 'heap')
    fails(fileNames(treeOf({ [`test/support/${name}/a.ts`]: '' })), 'heap')
  })

  it('are kebab-case', () => fails(fileNames(treeOf(broker('log/OffsetIndex.ts', ''))), 'kebab'))
})

describe('file sizes', () => {
  it('let 500 lines pass', () => passes(fileSizes(treeOf(broker('a.ts', 'x\n'.repeat(500))))))

  it('refuse 501 lines', () => fails(fileSizes(treeOf(broker('a.ts', 'x\n'.repeat(501)))), '501'))

  it('refuse what does not belong in a repository', () => {
    fails(
      fileSizes(new Map([['test/big.bin', { content: '', sizeBytes: 3_000_000 }]])),
      'test/big.bin',
    )
  })
})

describe('ASCII code', () => {
  it.each([
    "const a = 'caf\u00e9'",
    '// caf\u00e9',
    '/* caf\u00e9\n caf\u00e9 */',
    'const a = `${b} caf\u00e9 ${`\u00e9`}`',
    'const a = /caf\u00e9["\']/u',
    "const a = b / c // '\u00e9",
  ])('lets a string or comment hold anything: %s', content => {
    passes(asciiCode(treeOf(broker('a.ts', content))))
  })

  it.each([
    'const caf\u00e9 = 1',
    "const a = 'x' + \u0441",
    '/* x */ const \u00e9 = 1',
    'f(/["\']/, \u00e9)',
  ])('refuses it in code: %s', content =>
    fails(asciiCode(treeOf(broker('a.ts', content))), 'a.ts:1'),
  )

  it('keeps lines where they are', () => {
    expect(codeOnly("a\n/*\n*/\n'b' //c\nd").split('\n')).toHaveLength(5)
  })
})

describe('links', () => {
  it.each([
    '[a](b.md)',
    '[a](b.md#two-words)',
    '[a](#one)',
    '[a](https://example.org)',
    '[a](../src)',
    '`[a](x)`',
  ])('resolve: %s', link => {
    passes(
      links(treeOf({ 'docs/a.md': `# One\n${link}`, 'docs/b.md': '## Two words', 'src/x.ts': '' })),
    )
  })

  it('lead nowhere', () => fails(links(treeOf({ 'docs/a.md': '[a](b.md)' })), 'b.md'))

  it('name a heading that is not there', () => {
    fails(links(treeOf({ 'docs/a.md': '[a](#two)\n# One\n```\n# Two\n```' })), '#two')
  })
})

describe('the lock file', () => {
  it('names packages only', () => {
    passes(lockFile(treeOf({ 'package-lock.json': '{ "resolved": "packages/log" }' })))
  })

  it('names a host', () => {
    const content = '{ "resolved": "https://a.example/b.tgz" }'
    fails(lockFile(treeOf({ 'package-lock.json': content })), ':1')
  })

  it('has an entry for every optional package', () => {
    const lock = (entries: object): string => JSON.stringify({ packages: entries })
    const owner = { 'node_modules/a': { optionalDependencies: { 'a-linux': '1.0.0' } } }
    fails(lockFile(treeOf({ 'package-lock.json': lock(owner) })), 'node_modules/a', 'a-linux')
    const whole = { ...owner, 'node_modules/a-linux': { version: '1.0.0' } }
    passes(lockFile(treeOf({ 'package-lock.json': lock(whole) })))
  })
})

describe('a rule that looked at nothing', () => {
  it.each(Object.entries(rules))('can be told from one that passed: %s', (_, rule) => {
    expect(rule(treeOf({})).looked).toBe(0)
  })
})
