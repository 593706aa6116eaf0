import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The dead-code check is silent when it is content, and when it looked at nothing. Here is something for it to find. */

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'varve-knip-canary-'))
let output = ''

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

beforeAll(() => {
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as object
  const devDependencies = { typescript: '7.0.2', knip: '6.44.2' }
  write('package.json', JSON.stringify({ ...manifest, devDependencies }))
  for (const name of ['protocol', 'broker', 'client', 'admin']) {
    const path = `packages/${name}/package.json`
    const own = JSON.parse(readFileSync(join(repository, path), 'utf8')) as object
    const dependencies = name === 'broker' ? { 'never-imported': '1.0.0' } : {}
    write(path, JSON.stringify({ ...own, dependencies, optionalDependencies: {}, bin: undefined }))
    write(`packages/${name}/src/index.ts`, 'export {}\n')
  }
  write('packages/broker/src/main.ts', "import { used } from './log/used.ts'\nused()\n")
  write(
    'packages/broker/src/log/used.ts',
    'export const used = () => 1\nexport const unused = () => 2\n',
  )
  write('packages/broker/src/log/orphan.ts', 'export const orphan = 1\n')
  write('test/support/forgotten.ts', 'export const forgotten = 1\n')
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'))
  const knip = join(repository, 'node_modules/.bin/knip')
  output = spawnSync(knip, ['--no-progress'], { cwd: folder, encoding: 'utf8' }).stdout
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the dead-code check', () => {
  it.each([
    ['a file that nothing imports', 'packages/broker/src/log/orphan.ts'],
    ['an export that nothing uses', 'unused '],
    ['a test helper that no test uses', 'test/support/forgotten.ts'],
    ['a dependency that nothing imports', 'never-imported'],
  ])('finds %s', (_, words) => {
    expect(output).toContain(words)
  })

  it('leaves alone what is used', () => {
    expect(output).not.toMatch(/log\/used\.ts\s*$/m)
    expect(output).not.toMatch(/^used\b/m)
  })
})
