import { expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import { MemoryNetwork } from '../../../../packages/broker/src/memory/network.ts'
import { memoryRandom } from '../../../../packages/broker/src/memory/random.ts'
import { memoryWorld } from '../../../../packages/broker/src/memory/world.ts'
import type { Log } from '../../../../packages/broker/src/world.ts'

it('keeps its disk within the size that it was given', async () => {
  const clock = new MemoryClock({ now: 5 })
  const { disk } = memoryWorld({
    clock,
    random: memoryRandom(1),
    network: new MemoryNetwork(),
    log: {} as Log,
    fail: () => undefined,
    diskBytes: 100,
  })
  await disk.makeDirectory('/data')
  const file = await disk.open('/data/file', 'create')
  file.appendNow([Buffer.alloc(60)])
  expect(() => file.appendNow([Buffer.alloc(60)])).toThrow('ENOSPC')
  expect((await disk.space('/data')).totalBytes).toBe(100)
})
