import { describe, expect, it } from 'vitest'
import { normalised } from '../../../interop/tools/normalise.ts'
import type { ToolCase } from '../../../interop/tools/tool-case.ts'

const side = { bootstrap: '127.0.0.1:9092', folder: '/data/one' }
const of = (output: string, more: Partial<ToolCase> = {}): string =>
  normalised({ code: 0, output }, side, { tool: 'kafka-topics', args: '', ...more })

describe('what a tool said', () => {
  it('is the same for another address, folder, id and time', () => {
    const said =
      'a 127.0.0.1:9092\tlives in /data/one since 1795325770509, as 4L6g3nShT-eMCtK--X86sw'
    expect(of(said)).toBe('exit 0\na <broker> lives in <folder> since <ms>, as <id>')
    expect(of('AlterShareGroupOffsets(91)')).toBe('exit 0\nAlterShareGroupOffsets(91)')
    expect(of('at 2026-11-22 06:15:28,123 by console-consumer-41')).toBe(
      'exit 0\nat <time> by <group>',
    )
  })

  it('keeps its order, or not', () => {
    expect(of('b\n\na  \n')).toBe('exit 0\nb\na')
    expect(of('b\na', { compares: 'set' })).toBe('exit 0\na\nb')
  })

  it('may be reduced to its errors, or to its end', () => {
    const failed =
      'Error: java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.TopicExistsException: no\n\tat a.B'
    const errors = of(failed, { compares: 'errors' })
    expect(errors).toBe('exit 0\norg.apache.kafka.common.errors.TopicExistsException')
    expect(of(failed, { compares: 'end' })).toBe('exit 0')
  })

  it('leaves out what does not count', () => {
    expect(of('one 12\ntwo', { without: /^two/, hides: /\d+/g })).toBe('exit 0\none *')
    expect(of('one\n\tat java.lang.Thread\n\t... 3 more')).toBe('exit 0\none')
  })
})
