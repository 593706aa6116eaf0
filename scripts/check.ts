/** `npm run check`: everything that is checked without running the product, with one line for each check. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ran, verdict } from './check/verdict.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Step {
  readonly name: string
  readonly command: readonly string[]
  /** How many things the check says, or is known, to have looked at. */
  readonly looked: (output: string) => number
}

const numberIn = (pattern: RegExp) => (output: string) => Number(pattern.exec(output)?.[1] ?? 0)
const packages = readdirSync(join(root, 'packages')).sort()
const packagesWith = (file: string) => (): number =>
  packages.filter(name => existsSync(join(root, 'packages', name, file))).length

const steps: readonly Step[] = [
  {
    name: 'format',
    command: ['biome', 'ci', '.', '--colors=off', '--reporter=summary'],
    looked: numberIn(/Checked (\d+) files/),
  },
  { name: 'types', command: ['tsc', '-b'], looked: packagesWith('dist/index.d.ts') },
  {
    name: 'bundle',
    command: ['tsx', 'scripts/bundle.mjs'],
    looked: packagesWith('dist/index.js'),
  },
  { name: 'lint', command: ['oxlint', '.'], looked: numberIn(/ on (\d+) files/) },
  {
    name: 'tidy',
    command: ['tsx', '--conditions=@varve/source', 'scripts/tidy.ts'],
    looked: numberIn(/looked (\d+) times/),
  },
  {
    name: 'docs',
    command: ['tsx', '--conditions=@varve/source', 'scripts/docs.ts', '--check'],
    looked: numberIn(/docs: (\d+) pages/),
  },
  // Silent when content; test/unit/scripts/knip-canary.test.ts proves that it looks.
  { name: 'dead code', command: ['knip'], looked: () => 1 },
  ...packages.map(name => ({
    name: `package ${name}`,
    command: ['publint', `packages/${name}`, '--strict'],
    looked: (output: string) => (output.includes('Linting') ? 1 : 0),
  })),
]

let failed = 0
for (const step of steps) {
  const began = performance.now()
  const ran = run(step)
  const { passed, says } = verdict(ran)
  if (!passed) {
    failed += 1
    console.log(ran.output.trimEnd())
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${passed ? 'ok  ' : 'FAIL'} ${step.name.padEnd(18)} ${seconds.padStart(5)} s  ${says}`,
  )
}
console.log(`check: ${steps.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function run(step: Step): Ran {
  const [name = '', ...args] = step.command
  const tool = join(root, 'node_modules/.bin', name)
  const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' }
  const ended = spawnSync(tool, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 64 << 20 })
  const output = `${ended.stdout ?? ''}${ended.stderr ?? ''}${ended.error?.message ?? ''}`
  return { exitCode: ended.status, output, looked: step.looked(output) }
}
