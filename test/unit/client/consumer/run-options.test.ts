import { describe, expect, it } from 'vitest'
import { runSettings } from '../../../../packages/client/src/consumer/run-options.ts'

describe('runSettings', () => {
  it('completes what is left out', () => {
    const eachRecord = () => {}
    expect(runSettings({ eachRecord })).toMatchObject({ concurrency: 1, orderBy: 'partition' })
  })

  it('refuses what cannot work', () => {
    const each = () => {}
    expect(() => runSettings({})).toThrow('expected one of eachRecord and eachBatch')
    expect(() => runSettings({ eachRecord: each, eachBatch: each })).toThrow('expected one of')
    expect(() => runSettings({ eachBatch: each, orderBy: 'key' })).toThrow('needs eachRecord')
    expect(() => runSettings({ eachRecord: each, concurrency: 0 })).toThrow('concurrency is 0')
    expect(() => runSettings({ eachRecord: 'each' } as never)).toThrow('eachRecord is "each"')
    expect(() => runSettings({ eachBatch: [] } as never)).toThrow('expected a function')
    expect(() => runSettings({ eachRecord: each, signal: 1 } as never)).toThrow('signal is 1')
    expect(() => runSettings({ eachRecord: each, parallel: 2 } as never)).toThrow(
      'no option parallel',
    )
  })
})
