/** Appends into the page cache by size of the batch, beside one `writev` of the same bytes for each turn, which are checked as ours are. */
import { closeSync, ftruncateSync, openSync, writevSync } from 'node:fs'
import { crc32c } from '@varve/protocol'
import { abba, type Compared } from './abba.ts'
import { appendTo, batchOfBytes, openStage } from './log-stage.ts'

const BATCH_BYTES = [100, 1_024, 16_384, 65_536, 1_048_576]
/** A turn of the loop gathers what so many bytes of a socket hold, and one batch at least. */
const TURN_BYTES = 65_536
const SAMPLE_BYTES = 64 * 2 ** 20
const SAMPLE_BATCHES_MAX = 50_000
/** Where the bytes of a batch begin that its checksum covers. */
const CHECKED_FROM = 21

export interface NamedComparison extends Compared {
  readonly name: string
  readonly unit: string
}

export async function appends(rounds: number): Promise<NamedComparison[]> {
  const compared: NamedComparison[] = []
  for (const sizeBytes of BATCH_BYTES) {
    const batch = batchOfBytes(sizeBytes)
    const count = Math.min(SAMPLE_BATCHES_MAX, Math.ceil(SAMPLE_BYTES / batch.length))
    const perTurn = Math.max(1, Math.floor(TURN_BYTES / batch.length))
    const megabytes = (count * batch.length) / 1e6
    await using stage = await openStage({ partitions: 1, settings: { flushMode: 'relaxed' } })
    const [partition] = stage.partitions
    if (partition === undefined) throw new Error('the stage has no partition')
    const file = openSync(`${stage.folder}/raw`, 'w')
    const ours = async () => {
      const began = performance.now()
      let left = count
      while (left > 0) {
        const turn = Math.min(perTurn, left)
        left -= turn
        await new Promise<void>(resolve => {
          let open = turn
          const done = () => {
            open -= 1
            if (open === 0) resolve()
          }
          for (let index = 0; index < turn; index += 1) appendTo(partition, batch, done)
        })
      }
      return (megabytes * 1000) / (performance.now() - began)
    }
    const raw = async () => {
      ftruncateSync(file, 0)
      const began = performance.now()
      let position = 0
      for (let left = count; left > 0; ) {
        const turn = Math.min(perTurn, left)
        left -= turn
        const parts = Array.from({ length: turn }, () => batch)
        for (const part of parts) crc32c(part, CHECKED_FROM, part.length)
        position += writevSync(file, parts, position)
        await new Promise<void>(resolve => setImmediate(resolve))
      }
      return (megabytes * 1000) / (performance.now() - began)
    }
    const name = `append of ${batch.length} B batches`
    compared.push({ name, unit: 'MB/s', ...(await abba(rounds, ours, raw)) })
    closeSync(file)
  }
  return compared
}
