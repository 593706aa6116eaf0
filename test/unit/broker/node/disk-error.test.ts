import { describe, expect, it } from 'vitest'
import { codeOf, diskErrorOf } from '../../../../packages/broker/src/node/disk-error.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'

describe('a failure of the file system', () => {
  it('becomes a disk error that says what was attempted, where, and why', () => {
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    const error = diskErrorOf('write', '/data/a', cause)
    expect(error).toMatchObject({
      message: 'could not write /data/a: ENOSPC',
      code: 'ENOSPC',
      cause,
    })
  })

  it('stays what it is when it is a disk error already', () => {
    const error = new DiskError('sync', '/data/a', 'EIO')
    expect(diskErrorOf('write', '/data/b', error)).toBe(error)
  })

  it('has a code even when the system gave none', () => {
    expect(codeOf('a string')).toBe('EUNKNOWN')
  })
})
