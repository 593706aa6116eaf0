/** What the documentation shows compiles: the TypeScript blocks of the READMEs and of docs/, and the examples in doc comments. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as broker from '@varve/broker'
import * as testcontainers from '@varve/broker/testcontainers'
import * as client from '@varve/client'
import * as protocol from '@varve/protocol'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
mkdirSync(join(root, '.cache'), { recursive: true })
// Within the repository, for `@varve/...` is found from there.
const folder = mkdtempSync(join(root, '.cache/examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Example {
  readonly from: string
  readonly line: number
  readonly code: string
}

/** What an example may use without saying where it comes from. */
const SURROUNDINGS = `
declare const varve: import('@varve/client').Varve
declare const admin: import('@varve/client').Admin
declare const producer: import('@varve/client').Producer
declare const consumer: import('@varve/client').Consumer
declare const broker: import('@varve/broker').RunningBroker
declare const lines: readonly string[]
declare const source: readonly string[]
declare const results: Promise<unknown>[]
declare function store(...what: readonly unknown[]): Promise<void>
declare function handle(record: import('@varve/client').ConsumerRecord): Promise<void>
declare function charge(record: import('@varve/client').ConsumerRecord, signal?: AbortSignal): Promise<void>
declare const stopping: AbortController
declare const batch: import('@varve/protocol').RecordBatch
declare const bytes: Buffer
declare const chunk: Buffer
declare const socket: import('node:net').Socket
`

const exportsOf = {
  '@varve/client': client,
  '@varve/broker': broker,
  '@varve/broker/testcontainers': testcontainers,
  '@varve/protocol': protocol,
}

function filesIn(directory: string, extension: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(extension))
    .map(name => join(directory, name))
}

/** The fenced blocks of TypeScript in a text; of a source file those in doc comments, and what follows an \`@example\` without a fence. */
function* examplesIn(path: string): Generator<Example> {
  const isSource = path.endsWith('.ts')
  const lines = readFileSync(join(root, path), 'utf8').split('\n')
  let code: string[] | undefined
  let start = 0
  for (const [index, raw] of lines.entries()) {
    const line = isSource ? raw.replace(/^\s*\* ?/, '') : raw
    if (code === undefined) {
      const begins = isSource
        ? /^\s*\* ```(ts|typescript)$/.test(raw)
        : /^```(ts|typescript)$/.test(raw)
      if (begins) {
        code = []
        start = index + 2
      }
    } else if (line.startsWith('```')) {
      yield { from: path, line: start, code: code.join('\n') }
      code = undefined
    } else code.push(line)
  }
}

/** A module around an example: its own imports, those that a doc comment leaves out, and the rest within a function. */
function moduleOf({ code, from }: Example): string {
  const lines = code.split('\n')
  const imports = lines.filter(line => line.startsWith('import '))
  const body = lines.filter(line => !line.startsWith('import '))
  const missing = Object.entries(exportsOf).flatMap(([name, exported]) => {
    const used = Object.keys(exported).filter(
      word =>
        new RegExp(`\\b${word}\\b`).test(body.join('\n')) &&
        !SURROUNDINGS.includes(` ${word}:`) &&
        !imports.some(line => new RegExp(`\\b${word}\\b`).test(line)),
    )
    // A page is copied as it is: what it uses it has to import.
    return used.length === 0 || from.endsWith('.md')
      ? []
      : [`import { ${used.join(', ')} } from '${name}'`]
  })
  return [
    ...imports,
    ...missing,
    SURROUNDINGS,
    'export async function example() {',
    ...body,
    '}',
    '',
  ].join('\n')
}

const examples = [
  'README.md',
  ...filesIn('docs', '.md'),
  ...['client', 'protocol', 'broker', 'admin'].flatMap(name => [
    ...filesIn(`packages/${name}/src`, '.ts'),
    ...readdirSync(join(root, 'packages', name))
      .filter(file => file === 'README.md')
      .map(file => `packages/${name}/${file}`),
  ]),
].flatMap(path => [...examplesIn(path)])

it('compiles', () => {
  const names = new Map<string, Example>()
  // This one does not, which shows that the compiler really looks.
  const wrong = { from: 'nowhere.ts', line: 1, code: 'await producer.sned({})' }
  for (const [index, example] of [...examples, wrong].entries()) {
    names.set(`example-${index}.ts`, example)
    writeFileSync(join(folder, `example-${index}.ts`), moduleOf(example))
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: relative(folder, join(root, 'tsconfig.json')),
      include: ['*.ts'],
      references: [],
      compilerOptions: {
        ...{ composite: false, noEmit: true, noUnusedLocals: false, rootDir: root },
        ...{ rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true },
        ...{ declarationMap: false, emitDeclarationOnly: false, tsBuildInfoFile: null },
      },
    }),
  )
  let output = ''
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
      cwd: folder,
    })
  } catch (error) {
    output = (error as { stdout: string }).stdout
  }
  const named = output.replace(/^example-\d+\.ts/gm, name => {
    const example = names.get(name)
    return `${name} (${example?.from}:${example?.line})`
  })
  expect(named).toMatch(/^example-\d+\.ts \(nowhere\.ts:1\)[^\n]*'sned'[^\n]*\n$/)
}, 60_000)

it('is looked for: the README, the client and the protocol have some', () => {
  for (const place of ['README.md', 'packages/client/src', 'packages/protocol/src']) {
    const count = examples.filter(({ from }) => from.startsWith(place)).length
    expect(count, place).toBeGreaterThan(1)
  }
})
