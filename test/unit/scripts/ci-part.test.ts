import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What CI would say and return, were these its parts. */
function run(...parts: string[]): { lastLine: string; status: number | null } {
  const script = ['set -euo pipefail', 'source .ci/part.sh', ...parts, 'total'].join('\n')
  const { stdout, status } = spawnSync('bash', ['-c', script], { cwd: root, encoding: 'utf8' })
  return { lastLine: stdout.trimEnd().split('\n').at(-1) ?? '', status }
}

const says = (text: string, code = 0): string =>
  `part a bash -c 'printf "${text}\\n"; exit ${code}'`

describe('the sum of CI', () => {
  it('adds up its parts', () => {
    const sum = run(says('3 passed, 0 failed'), says('interop: 4 passed, 0 failed'))
    expect(sum).toEqual({ lastLine: '7 passed, 0 failed', status: 0 })
  })

  it('takes the last count of a part, without its colours', () => {
    const sum = run(says('1 passed, 1 failed\\n\\033[32m5 passed, 0 failed\\033[0m'))
    expect(sum).toEqual({ lastLine: '5 passed, 0 failed', status: 0 })
  })

  it.each([
    ['counts a failure', says('3 passed, 2 failed', 1), '3 passed, 2 failed'],
    ['fails when a part printed nothing', 'part a true', '0 passed, 1 failed'],
    ['fails when a part died after its count', says('3 passed, 0 failed', 1), '3 passed, 1 failed'],
    ['fails when a part passed nothing', says('0 passed, 0 failed'), '0 passed, 1 failed'],
    ['fails when a part cannot be found', 'part a no-such-command', '0 passed, 1 failed'],
  ])('%s', (_, part, lastLine) => {
    expect(run(part)).toEqual({ lastLine, status: 1 })
  })

  it('goes on after a part that failed', () => {
    expect(run('part a false', says('3 passed, 0 failed'))).toEqual({
      lastLine: '3 passed, 1 failed',
      status: 1,
    })
  })

  it('fails when there was no part', () => {
    expect(run()).toEqual({ lastLine: '0 passed, 0 failed', status: 1 })
  })
})
