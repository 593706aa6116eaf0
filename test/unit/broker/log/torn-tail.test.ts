import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { cutTornTail } from '../../../../packages/broker/src/log/torn-tail.ts'
import { diskWithFolder, FOLDER, namesIn, singles, writeFile } from '../../../support/log-parts.ts'

const LOG = '00000000000000000000.log'

async function cut(content: Uint8Array, position: number) {
  const disk = await diskWithFolder()
  writeFile(disk, LOG, content)
  const file = disk.openNow(`${FOLDER}/${LOG}`, 'existing')
  const outcome = await cutTornTail(disk, file, position, crc32c)
  const kept = await disk.readFile(`${FOLDER}/${LOG}.${position}.torn`)
  return { disk, outcome, kept, left: await disk.readFile(`${FOLDER}/${LOG}`) }
}

describe('a torn tail', () => {
  const [good, later] = singles(0, ['a', 'b']) as [Buffer, Buffer]
  const half = later.subarray(0, 40)

  it('is cut, and no more than that, when nothing in it is of use', async () => {
    const { disk, outcome, left } = await cut(Buffer.concat([good, half]), good.length)
    expect([outcome, left]).toEqual(['cut', good])
    expect(await namesIn(disk)).toEqual([LOG])
  })

  it('is kept aside as a whole when a valid batch lies somewhere in it', async () => {
    const tail = Buffer.concat([half, later, Buffer.from('more')])
    const { outcome, left, kept } = await cut(Buffer.concat([good, tail]), good.length)
    expect([outcome, left, kept]).toEqual(['kept aside', good, tail])
  })

  it('is not kept for a batch with a wrong checksum, or one that is cut off', async () => {
    const wrong = Buffer.from(later)
    wrong.writeUInt8(9, wrong.length - 1)
    const tail = Buffer.concat([wrong, half])
    expect((await cut(Buffer.concat([good, tail]), good.length)).outcome).toBe('cut')
  })

  it('is kept aside to its last byte when it is larger than what is copied at once', async () => {
    const tail = Buffer.concat([half, later, Buffer.alloc(2.5 * 1024 * 1024, 7)])
    const { kept } = await cut(Buffer.concat([good, tail]), good.length)
    expect(kept?.equals(tail)).toBe(true)
  })

  it('is durable aside before it is cut off', async () => {
    const content = Buffer.concat([good, half, later])
    const { disk } = await cut(content, good.length)
    const types = disk.operations.filter(({ path }) => path.startsWith(`${FOLDER}/${LOG}`))
    const syncedAt = types.findIndex(({ type, path }) => type === 'sync' && path.endsWith('.torn'))
    const cutAt = types.findIndex(({ type, path }) => type === 'truncate' && path.endsWith('.log'))
    expect([syncedAt >= 0, syncedAt < cutAt]).toEqual([true, true])
  })

  it('stays where it is when it cannot be kept aside', async () => {
    const disk = await diskWithFolder()
    const content = Buffer.concat([good, half, later])
    writeFile(disk, LOG, content)
    const file = disk.openNow(`${FOLDER}/${LOG}`, 'existing')
    disk.capacityBytes = content.length
    await expect(cutTornTail(disk, file, good.length, crc32c)).rejects.toThrow('ENOSPC')
    expect(await disk.readFile(`${FOLDER}/${LOG}`)).toEqual(content)
  })
})
