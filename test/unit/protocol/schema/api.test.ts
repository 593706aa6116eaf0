import { api, int32 } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

const fields = { value: int32 }
const tables = { key: 7, name: 'Example', request: fields, response: fields }

describe('an API', () => {
  it('gives its versions to request and response, which are named after it', () => {
    const { request, response } = api({ ...tables, versions: [2, 4], flexible: 3 })
    expect([request.name, response.name]).toEqual(['ExampleRequest', 'ExampleResponse'])
    expect(request.versions).toEqual([2, 4])
    expect([2, 3, 4].map(version => response.isFlexible(version))).toEqual([false, true, true])
  })

  it('may have no flexible version at all', () => {
    const { request } = api({ ...tables, versions: [0, 1], flexible: undefined })
    expect(request.isFlexible(1)).toBe(false)
  })
})
