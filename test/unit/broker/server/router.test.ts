import { Fetch, Metadata, Produce } from '@varve/protocol'
import { expect, it } from 'vitest'
import type { Handler } from '../../../../packages/broker/src/handlers/handler.ts'
import { apiRangesOf } from '../../../../packages/broker/src/server/router.ts'

it('advertises what there are handlers for, by key, and Produce from 0 on (KAFKA-18659)', () => {
  const handlers = [Metadata, Produce, Fetch].map(api => ({ api }) as unknown as Handler)
  expect(apiRangesOf(handlers)).toEqual([
    { apiKey: 0, minVersion: 0, maxVersion: Produce.versions[1] },
    { apiKey: 1, minVersion: 4, maxVersion: Fetch.versions[1] },
    { apiKey: 3, minVersion: 0, maxVersion: Metadata.versions[1] },
  ])
})
