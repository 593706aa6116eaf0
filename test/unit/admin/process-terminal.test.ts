import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../../../packages/admin/src/main.ts', import.meta.url))

function varve(args: readonly string[]) {
  const node = ['--import', 'tsx', '--conditions=@varve/source', main, ...args]
  return spawn(process.execPath, node, { stdio: ['pipe', 'pipe', 'pipe'] })
}

describe('the terminal of a process', () => {
  it('ends with the code of the command, its words on the right streams', async () => {
    const child = varve(['topics', 'frobnicate'])
    const [output, said, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    expect([output, code]).toEqual(['', 2])
    expect(said).toMatch(/varve: [^\n]*frobnicate[^\n]*\n$/)
  })

  it('does not pass on what would steer the screen', async () => {
    const child = varve(['topics', 'list', '-b', 'x\u001b[2J:y'])
    const [said] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(said).toContain('\\u001b[2J')
    expect(said).not.toContain('\u001b')
  })

  it('says nothing when its output is closed before it writes', async () => {
    const child = varve(['--help'])
    child.stdout.destroy()
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect([said, code]).toEqual(['', 0])
  })
})
