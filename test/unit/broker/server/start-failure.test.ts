import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../../packages/broker/src/config/config-error.ts'
import { startFailure } from '../../../../packages/broker/src/server/start-failure.ts'
import { DiskError, NetworkError } from '../../../../packages/broker/src/world.ts'

describe('a start that fails', () => {
  it.each([
    [new NetworkError('listen on 127.0.0.1:9092', 'EADDRINUSE'), 'port is in use'],
    [new NetworkError('listen on 127.0.0.1:80', 'EACCES'), 'this user may not use that port'],
    [new NetworkError('listen on 10.9.9.9:80', 'EADDRNOTAVAIL'), 'no such address'],
    [
      new NetworkError('listen on 127.0.0.1:1', 'EWEIRD'),
      'could not listen on 127.0.0.1:1: EWEIRD',
    ],
    [new DiskError('lock', '/data', 'ELOCKED'), '/data: another broker is using it'],
    [new DiskError('make', '/data', 'EACCES'), '/data is not writable'],
    [new DiskError('make', '/data', 'ENOTDIR'), '/data is not a folder'],
    [new DiskError('write', '/data/x', 'ENOSPC'), 'is full'],
    [new DiskError('open', '/data/x', 'EMFILE'), 'raise the limit'],
    [new DiskError('write', '/data/x', 'EIO'), 'could not write /data/x: EIO'],
    [new ConfigError('log.segment.bytes has "x"; expected an integer.'), 'log.segment.bytes'],
  ])('is told in one sentence: %s', (error, part) => {
    const sentence = startFailure(error)
    expect(sentence).toContain(part)
    expect(sentence).not.toContain('\n')
    expect(sentence).toMatch(/\.$/)
  })

  it('shows where a bug lies', () => {
    expect(startFailure(new TypeError('x is not a function'))).toContain('start-failure.test.ts')
  })
})
