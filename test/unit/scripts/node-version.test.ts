import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { complaintAbout } from '../../../scripts/node-version.cjs'

const pathOf = (script: string) =>
  fileURLToPath(new URL(`../../../scripts/${script}`, import.meta.url))

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.1', '22.0.0', '100.1.0'])('is new enough with %s', version => {
    expect(complaintAbout(version)).toBeUndefined()
  })

  it.each(['20.18.3', '18.20.8', '4.9.1', '0.12.18'])('is too old with %s', version => {
    expect(complaintAbout(version)).toBe(`Varve needs Node 20.19 or newer, and this is ${version}.`)
  })

  it('is the one that the package asks for', () => {
    const { engines } = JSON.parse(readFileSync(pathOf('../package.json'), 'utf8'))
    expect(complaintAbout('0.1.0')).toContain(`Node ${engines.node.replace('>=', '')} or newer`)
  })

  it.each(['start.cjs', 'test.cjs'])('is demanded by %s before it does anything', script => {
    const old = `Object.defineProperty(process, 'versions', { value: { node: '18.0.0' } })`
    const run = `${old}\nrequire(${JSON.stringify(pathOf(script))})`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', run], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect([status, stdout, stderr]).toEqual([
      ...[1, '', 'Varve needs Node 20.19 or newer, and this is 18.0.0.\n'],
    ])
  })

  it.each(['node-version.cjs', 'start.cjs', 'test.cjs'])('may be old when %s is parsed', script => {
    const code = readFileSync(pathOf(script), 'utf8')
    const forNode = (target: string) => transformSync(code, { target, format: 'cjs' }).code
    expect(forNode('node13.2')).toBe(forNode('esnext'))
  })
})
