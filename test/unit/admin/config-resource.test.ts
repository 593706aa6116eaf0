import { describe, expect, it } from 'vitest'
import { configResource } from '../../../packages/admin/src/config-resource.ts'

describe('configResource', () => {
  it('names topics, brokers and the default of all brokers', () => {
    expect(configResource('topic', 'default')).toEqual({ type: 'topic', name: 'default' })
    expect(configResource('broker', '1')).toEqual({ type: 'broker', name: '1' })
    expect(configResource('broker', 'default')).toEqual({ type: 'broker', name: '' })
  })

  it('refuses what has no settings, and what has no name', () => {
    expect(() => configResource('disk', 'a')).toThrow('expected one of topic, broker')
    expect(() => configResource('broker', undefined)).toThrow('its id, or default for all')
    expect(() => configResource('topic', '')).toThrow('Say which topic')
  })
})
