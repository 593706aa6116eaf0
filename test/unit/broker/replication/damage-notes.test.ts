import { describe, expect, it } from 'vitest'
import { DamageNotes } from '../../../../packages/broker/src/replication/damage-notes.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { diskWithFolder, identity, namesIn, writeFile } from '../../../support/log-parts.ts'

async function given() {
  const disk = await diskWithFolder()
  writeFile(disk, 'damaged', 'durable 20\nfrom 9\n')
  const notes = new DamageNotes(disk)
  const point = (offset: number, log?: { readonly isOffline: boolean }) => ({
    ...{ ...identity, offset, log },
  })
  return { disk, notes, point }
}

describe('the note of damage beside a log that is whole', () => {
  it('goes when the recovery point says how far the log was found whole', async () => {
    const { disk, notes, point } = await given()
    notes.foundWhole(identity, 25)
    await notes.written([point(24), { ...point(30), partition: 1 }])
    expect(await namesIn(disk)).toEqual(['damaged'])
    await notes.written([point(25)])
    expect(await namesIn(disk)).toEqual([])
  })

  it('stays where nobody has found the log whole, or the partition is gone', async () => {
    const { disk, notes, point } = await given()
    await notes.written([point(30)])
    notes.foundWhole(identity, 25)
    notes.forget('events-0')
    await notes.written([point(30)])
    expect(await namesIn(disk)).toEqual(['damaged'])
  })

  it('stays when the log has gone offline since: it is a new one', async () => {
    const { disk, notes, point } = await given()
    notes.foundWhole(identity, 25)
    await notes.written([point(25, { isOffline: true })])
    await notes.written([point(25, { isOffline: false })])
    expect(await namesIn(disk)).toEqual(['damaged'])
  })

  it('stays until the next time when it cannot be taken away', async () => {
    const { disk, notes, point } = await given()
    notes.foundWhole(identity, 25)
    const { remove } = disk
    disk.remove = path => Promise.reject(new DiskError('remove', path, 'EMFILE'))
    await notes.written([point(25)])
    disk.remove = remove
    expect(await namesIn(disk)).toEqual(['damaged'])
    await notes.written([point(25)])
    expect(await namesIn(disk)).toEqual([])
  })
})
