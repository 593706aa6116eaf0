import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A linter whose globs match nothing passes in silence. Each ban is therefore broken once here, in a copy of the tree's layout. */

const repository = fileURLToPath(new URL('../../..', import.meta.url))

interface Canary {
  readonly says: string
  readonly rule: string
  readonly code: string
  readonly path?: string
}

const bannedGlobals = {
  Date: 'export const f = () => Date.now()',
  performance: 'export const f = () => performance.now()',
  setTimeout: 'export const f = () => setTimeout(() => {}, 1)',
  setInterval: 'export const f = () => setInterval(() => {}, 1)',
  setImmediate: 'export const f = () => setImmediate(() => {})',
  queueMicrotask: 'export const f = () => queueMicrotask(() => {})',
  fetch: "export const f = () => fetch('http://localhost')",
  crypto: 'export const f = () => crypto.randomUUID()',
  process: 'export const f = () => process.pid',
}

const bannedImports = [
  'node:fs',
  'node:net',
  'node:timers',
  'node:crypto',
  'node:zlib',
  'fs',
  'fs/promises',
  'pino',
  '@node-rs/crc32',
]

const longFile = Array.from({ length: 501 }, (_, index) => `export const x${index} = ${index}`)
const longBody = Array.from({ length: 71 }, (_, index) => `  console.log(${index})`)

const canaries: readonly Canary[] = [
  ...Object.entries(bannedGlobals).map(([name, code]) => ({
    says: `the global ${name}`,
    rule: 'eslint(no-restricted-globals)',
    code,
  })),
  ...Object.keys(bannedGlobals).map(name => ({
    says: `globalThis.${name}`,
    rule: 'eslint(no-restricted-properties)',
    code: `export const f = () => globalThis.${name}`,
  })),
  {
    says: 'Math.random',
    rule: 'eslint(no-restricted-properties)',
    code: 'export const f = () => Math.random()',
  },
  ...bannedImports.map(name => ({
    says: `importing ${name}`,
    rule: 'eslint(no-restricted-imports)',
    code: `import * as machine from '${name}'\nexport const f = () => machine`,
  })),
  {
    says: 'importing node/ from a file that is not an entry',
    rule: 'eslint(no-restricted-imports)',
    code: "import { clock } from '../node/clock.ts'\nexport const f = () => clock",
  },
  {
    says: 'importing node:fs in main.ts',
    rule: 'eslint(no-restricted-imports)',
    code: "import * as fs from 'node:fs'\nexport const f = () => fs",
    path: 'packages/broker/src/main.ts',
  },
  {
    says: 'importing node:fs in the protocol',
    rule: 'eslint(no-restricted-imports)',
    code: "import * as fs from 'node:fs'\nexport const f = () => fs",
    path: 'packages/protocol/src/records/canary.ts',
  },
  {
    says: 'the clock in the client',
    rule: 'eslint(no-restricted-globals)',
    code: 'export const f = () => Date.now()',
    path: 'packages/client/src/producer/canary.ts',
  },
  {
    says: 'console in the broker',
    rule: 'eslint(no-console)',
    code: "export const f = () => console.log('x')",
  },
  {
    says: 'a floating promise',
    rule: 'typescript(no-floating-promises)',
    code: 'const work = async (): Promise<void> => {}\nexport const f = () => {\n  work()\n}',
  },
  {
    says: 'a promise where a condition is wanted',
    rule: 'typescript(no-misused-promises)',
    code: 'const isReady = async (): Promise<boolean> => true\nexport const f = (): number => {\n  if (isReady()) return 1\n  return 2\n}',
  },
  {
    says: 'a switch that misses a case',
    rule: 'typescript(switch-exhaustiveness-check)',
    code: "export const f = (x: 'a' | 'b'): void => {\n  switch (x) {\n    case 'a':\n      return\n  }\n}",
  },
  {
    says: 'a default that hides the cases to come',
    rule: 'typescript(switch-exhaustiveness-check)',
    code: "export const f = (x: 'a' | 'b'): number => {\n  switch (x) {\n    case 'a':\n      return 1\n    case 'b':\n      return 2\n    default:\n      return 3\n  }\n}",
  },
  {
    says: 'a thrown value that is no Error',
    rule: 'typescript(only-throw-error)',
    code: "export const f = () => {\n  throw 'x'\n}",
  },
  {
    says: 'any',
    rule: 'typescript(no-explicit-any)',
    code: 'export const f = (x: any) => x',
  },
  {
    says: 'five parameters',
    rule: 'eslint(max-params)',
    code: 'export const f = (a: 1, b: 2, c: 3, d: 4, e: 5) => [a, b, c, d, e]',
  },
  { says: 'a file of 501 lines', rule: 'eslint(max-lines)', code: longFile.join('\n') },
  {
    says: 'a function of more than 70 lines',
    rule: 'eslint(max-lines-per-function)',
    code: `export function f() {\n${longBody.join('\n')}\n}`,
    path: 'scripts/canary.ts',
  },
  {
    says: 'a default export',
    rule: 'import(no-default-export)',
    code: 'const f = 1\nexport default f',
  },
  {
    says: 'an empty catch',
    rule: 'eslint(no-empty)',
    code: 'export const f = () => {\n  try {\n    f()\n  } catch {}\n}',
  },
]

const allowed: readonly { readonly says: string; readonly path: string; readonly code: string }[] =
  [
    {
      says: 'node:fs, Date and process in node/',
      path: 'packages/broker/src/node/canary.ts',
      code: "import { statSync } from 'node:fs'\nexport const f = () => [statSync, Date.now(), process.pid, Math.random()]",
    },
    {
      says: 'node/ in start-broker.ts',
      path: 'packages/broker/src/start-broker.ts',
      code: "import { f } from './node/canary.ts'\nexport const g = f",
    },
    {
      says: 'node:buffer in the log',
      path: 'packages/broker/src/log/buffer-canary.ts',
      code: "import { Buffer } from 'node:buffer'\nexport const f = () => Buffer.alloc(1)",
    },
    {
      says: 'the machine in the command',
      path: 'packages/admin/src/canary.ts',
      code: "import { statSync } from 'node:fs'\nexport const f = () => [statSync, Date.now(), process.pid]",
    },
  ]

const folder = mkdtempSync(join(tmpdir(), 'varve-lint-canary-'))
const reported = new Map<string, Set<string>>()
const pathOf = (canary: Canary, index: number): string =>
  canary.path === undefined
    ? `packages/broker/src/log/canary-${index}.ts`
    : canary.path.replace('canary', `canary-${index}`)

function write(path: string, content: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${content}\n`)
}

function lint(): { code: string; filename: string }[] {
  const oxlint = join(repository, 'node_modules/.bin/oxlint')
  const run = spawnSync(oxlint, ['-f', 'json', 'packages', 'scripts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const report = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] }
  return report.diagnostics
}

beforeAll(() => {
  cpSync(join(repository, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  cpSync(join(repository, 'tsconfig.json'), join(folder, 'tsconfig.json'))
  for (const name of ['protocol', 'broker', 'client', 'admin']) {
    const tsconfig = `packages/${name}/tsconfig.json`
    mkdirSync(join(folder, `packages/${name}/src`), { recursive: true })
    cpSync(join(repository, tsconfig), join(folder, tsconfig))
  }
  write('scripts/tsconfig.json', '{ "extends": "../tsconfig.json", "include": ["**/*.ts"] }')
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'))

  for (const [index, canary] of canaries.entries()) write(pathOf(canary, index), canary.code)
  for (const { path, code } of allowed) write(path, code)
  write(
    'packages/broker/src/log/cycle-a.ts',
    "import { b } from './cycle-b.ts'\nexport const a = () => b",
  )
  write(
    'packages/broker/src/log/cycle-b.ts',
    "import { a } from './cycle-a.ts'\nexport const b = () => a",
  )
  for (const { filename, code } of lint()) {
    const codes = reported.get(filename) ?? new Set()
    reported.set(filename, codes.add(code))
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the linter', () => {
  it.each(canaries.map((canary, index) => ({ ...canary, at: pathOf(canary, index) })))(
    'refuses $says',
    ({ at, rule }) => {
      expect([...(reported.get(at) ?? [])]).toContain(rule)
    },
  )

  it('refuses an import cycle', () => {
    expect([...(reported.get('packages/broker/src/log/cycle-a.ts') ?? [])]).toContain(
      'import(no-cycle)',
    )
  })

  it.each(allowed)('allows $says', ({ path }) => {
    expect([...(reported.get(path) ?? [])]).toEqual([])
  })
})
