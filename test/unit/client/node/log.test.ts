import { afterEach, describe, expect, it, vi } from 'vitest'
import { stderrLog } from '../../../../packages/client/src/node/log.ts'

describe('stderrLog', () => {
  afterEach(() => vi.restoreAllMocks())

  it('writes warnings and errors, one line each, and nothing else', () => {
    const lines: unknown[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation(line => {
      lines.push(line)
      return true
    })
    stderrLog.debug('no')
    stderrLog.info('no')
    stderrLog.warn('could not', { error: new Error('gone'), topic: 'a' })
    stderrLog.error('lost')
    expect(lines).toEqual([
      'varve client warn: could not {"error":"gone","topic":"a"}\n',
      'varve client error: lost {}\n',
    ])
  })
})
