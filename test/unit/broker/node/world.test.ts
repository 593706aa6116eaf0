import { expect, it } from 'vitest'
import { silentLog } from '../../../../packages/broker/src/node/log.ts'
import { nodeWorld } from '../../../../packages/broker/src/node/world.ts'

it('fails with what a timer of its clock throws', async () => {
  const reason = await new Promise<Error>(resolve => {
    const { clock } = nodeWorld({ log: silentLog, fail: resolve })
    clock.after(1, () => {
      throw new Error('bug')
    })
  })
  expect(reason.message).toBe('bug')
})
