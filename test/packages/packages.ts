/**
 * `npm run prove -- packages`: the packages as npm gives them to a user. Each is packed, and installed into an empty project under
 * each Node: its imports, its command and the examples of docs/testing-with-varve.md work there, and its types resolve.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { end, freePort } from '../support/processes.ts'
import { nodeVersions } from './node-versions.ts'
import { Project } from './project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const here = join(root, 'test/packages')
const examples = join(root, 'examples/testing')
const PACKAGES = ['protocol', 'broker', 'client', 'admin']
/** What the examples and the check of types need beside the packages. */
const TEST_RUNNERS = ['vitest@4.1.12', 'jest@30.5.2', 'kafkajs@2.2.4']
const TYPE_TOOLS = ['@types/node@20.19.43', '@arethetypeswrong/cli@0.18.5']
const MAY_BE_PACKED =
  /^package\/(package\.json|README\.md|LICENSE|(bin|dist|src)\/.+\.([mc]?js|ts|map))$/

/** Rounds are Node versions: the first is the one that runs this. */
export async function prove({
  rounds,
  log,
}: {
  readonly rounds: number
  readonly log: (line: string) => void
}): Promise<{ readonly skipped?: string }> {
  const packed = mkdtempSync(join(tmpdir(), 'varve-packed-'))
  try {
    const tarballs = PACKAGES.map(name => pack(name, packed))
    for (const tarball of tarballs) checkContents(tarball)
    log(`packed: ${tarballs.length} packages, with nothing in them that does not belong there`)
    let round = 0
    for (const { folder, version } of nodeVersions()) {
      if (round++ === rounds) break
      using project = new Project(folder)
      project.install(tarballs)
      copyInto(project, here, ['smoke.mjs'])
      log(project.run('node', ['smoke.mjs']).trim())
      copyInto(project, examples, ['place-order.mjs', 'node.test.mjs'])
      project.run('node', ['--test', 'node.test.mjs'])
      await useCommand(project)
      log(
        `Node ${version}: the example of node:test, and npx varve start, topics, produce, consume`,
      )
    }
    using project = new Project(join(process.execPath, '..'))
    project.install([...tarballs, ...TEST_RUNNERS, ...TYPE_TOOLS])
    runExamples(project)
    log('examples: vitest, jest and the class of testcontainers pass')
    checkTypes(project, tarballs)
    log('types: resolved by node16, nodenext and bundler; attw is content')
    return {}
  } finally {
    rmSync(packed, { recursive: true, force: true })
  }
}

function pack(name: string, into: string): string {
  const args = ['pack', '--silent', '--pack-destination', into]
  const cwd = join(root, 'packages', name)
  const ended = spawnSync('npm', args, { cwd, encoding: 'utf8' })
  if (ended.status !== 0) throw new Error(`npm pack of ${name}: ${ended.stdout}${ended.stderr}`)
  return join(into, ended.stdout.trim().split('\n').at(-1) ?? '')
}

function checkContents(tarball: string): void {
  const listed = spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).stdout.trim().split('\n')
  const strange = listed.filter(file => !MAY_BE_PACKED.test(file))
  if (strange.length > 0) throw new Error(`${tarball} also has ${strange.join(', ')}`)
  for (const file of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts'])
    if (!listed.includes(`package/${file}`)) throw new Error(`${tarball} has no ${file}`)
}

function copyInto(project: Project, from: string, names: readonly string[]): void {
  for (const name of names) copyFileSync(join(from, name), join(project.folder, name))
}

/** The command from the tarball, as the README has it: a broker, and records through it. */
async function useCommand(project: Project): Promise<void> {
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const broker = project.start('npx', ['varve', 'start', '--port', `${port}`, '--data', 'data'])
  try {
    await untilServes(() => project.run('npx', ['varve', 'topics', 'list', '-b', address]))
    project.run('npx', ['varve', 'topics', 'create', 'orders', '-b', address])
    project.run('npx', ['varve', 'produce', 'orders', '-b', address], 'hello\n')
    const consume = ['varve', 'consume', 'orders', '--from', 'beginning', '-b', address]
    const read = project.run('npx', consume)
    if (!read.includes('hello')) throw new Error(`npx varve consume printed ${read}`)
  } finally {
    await end(broker, 'SIGTERM')
  }
}

async function untilServes(ask: () => unknown): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      ask()
      return
    } catch (error) {
      if (attempt === 10) throw error
    }
    await delay(500)
  }
}

function runExamples(project: Project): void {
  copyInto(project, examples, readdirSync(examples))
  project.run('npx', ['vitest', 'run', 'vitest.test.mjs', 'testcontainers.test.mjs'])
  const jest = join(project.folder, 'node_modules/jest/bin/jest.js')
  project.run('node', ['--experimental-vm-modules', jest, '--testMatch', '**/jest.test.mjs'])
}

function checkTypes(project: Project, tarballs: readonly string[]): void {
  copyInto(project, here, ['typed.ts'])
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  for (const [module, resolution] of [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const options = [
      '--strict',
      '--noEmit',
      '--target',
      'es2022',
      '--lib',
      'esnext',
      '--types',
      'node',
    ]
    project.run('node', [
      tsc,
      ...options,
      '--module',
      module,
      '--moduleResolution',
      resolution,
      'typed.ts',
    ])
  }
  for (const tarball of tarballs) project.run('npx', ['attw', tarball, '--profile', 'esm-only'])
}
