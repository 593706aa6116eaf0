import { describe, expect, it } from 'vitest'
import {
  refusedSync,
  synced,
} from '../../../../../../packages/broker/src/coordinator/group/classic/sync-answers.ts'

describe('answers to SyncGroup', () => {
  it('carry the assignment with what was agreed on, or an error with nothing', () => {
    const agreed = { protocolType: 'consumer', protocolName: 'range' }
    expect(synced(agreed, Buffer.from('all'))).toEqual({
      throttleTimeMs: 0,
      errorCode: 0,
      ...agreed,
      assignment: Buffer.from('all'),
    })
    expect(refusedSync('REBALANCE_IN_PROGRESS')).toMatchObject({
      errorCode: 27,
      protocolType: null,
      protocolName: null,
      assignment: new Uint8Array(0),
    })
  })
})
