import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../../packages/broker/src/config/load.ts'
import { maxRecordBytes } from '../../../../../packages/broker/src/coordinator/runtime/max-record-bytes.ts'
import { imageWith, newTopic } from '../../../../support/metadata-image.ts'

const configured = (name: string, value: string) => ({
  type: 'ConfigRecord' as const,
  resourceType: 2,
  resourceName: 'states',
  name,
  value,
})

describe('maxRecordBytes', () => {
  const { settings } = loadConfig({})

  it('is what the topic takes, less what lies around key and value', () => {
    const topic = newTopic('states')
    expect(maxRecordBytes('states', settings, imageWith())).toBe(1_048_588 - 128)
    const image = imageWith(...topic, configured('max.message.bytes', '5000'))
    expect(maxRecordBytes('states', settings, image)).toBe(5000 - 128)
    expect(maxRecordBytes('other', settings, image)).toBe(1_048_588 - 128)
  })

  it('is never more than a segment holds', () => {
    const image = imageWith(...newTopic('states'), configured('segment.bytes', '1048576'))
    expect(maxRecordBytes('states', settings, image)).toBe(1_048_576 - 128)
  })
})
