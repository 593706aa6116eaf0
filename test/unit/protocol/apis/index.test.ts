import { apiList, apis } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

describe('the list of APIs', () => {
  it('is in the order of the keys, each of which is there once', () => {
    const keys = apiList.map(({ key }) => key)
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b))
    expect(apis.size).toBe(apiList.length)
  })

  it('has an empty request and response of each', () => {
    for (const { request, response } of apiList) {
      expect(Object.keys(request.empty())).toEqual(Object.keys(request.fields))
      expect(Object.keys(response.empty())).toEqual(Object.keys(response.fields))
    }
  })
})
