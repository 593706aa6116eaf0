import { expect, it } from 'vitest'
import {
  offlineFolder,
  pathOf,
} from '../../../../../packages/broker/src/log/verify/offline-folder.ts'
import { diskWithFolder, FOLDER, singles, writeFile } from '../../../../support/log-parts.ts'

const file = (offset: number, kind: string): string => `${String(offset).padStart(20, '0')}.${kind}`

it('lists segments and what lies beside them, and names what is left over', async () => {
  const disk = await diskWithFolder()
  for (const name of [
    file(5, 'log'),
    file(0, 'log'),
    file(5, 'snapshot'),
    file(0, 'log.deleted'),
    file(3, 'log.cleaned'),
    'damaged',
  ])
    writeFile(disk, name, 'x')
  writeFile(disk, file(9, 'log'), '')
  const folder = await offlineFolder(disk, FOLDER)
  expect(folder?.segments.map(({ baseOffset }) => baseOffset)).toEqual([0, 5])
  expect(folder?.files.get('snapshot')).toEqual([5])
  expect(folder?.leftovers).toEqual([file(0, 'log.deleted'), file(3, 'log.cleaned')])
  expect(await offlineFolder(disk, '/nowhere')).toBeUndefined()
  expect(pathOf('/a', 5, 'index')).toBe(`/a/${file(5, 'index')}`)
})

it('takes the segment of a swap that was decided for those that it covers', async () => {
  const disk = await diskWithFolder()
  for (const offset of [0, 2, 4])
    writeFile(disk, file(offset, 'log'), Buffer.concat(singles(offset, ['a', 'b'])))
  writeFile(disk, file(0, 'log.swap'), Buffer.concat(singles(3, ['b'])))
  const folder = await offlineFolder(disk, FOLDER)
  expect(folder?.segments).toEqual([
    { baseOffset: 0, name: file(0, 'log.swap') },
    { baseOffset: 4, name: file(4, 'log') },
  ])
  writeFile(disk, file(0, 'log.swap'), 'damaged')
  const damaged = await offlineFolder(disk, FOLDER)
  expect(damaged?.damaged).toEqual([file(0, 'log.swap')])
  expect(damaged?.segments.length).toBe(3)
})

it('lists empty segments apart', async () => {
  const disk = await diskWithFolder()
  for (const offset of [9, 3]) writeFile(disk, file(offset, 'log'), '')
  writeFile(disk, file(5, 'log'), 'x')
  const folder = await offlineFolder(disk, FOLDER)
  expect(folder?.segments).toEqual([{ baseOffset: 5, name: file(5, 'log') }])
  expect(folder?.empty.map(({ baseOffset }) => baseOffset)).toEqual([3, 9])
  expect(folder?.files.get('log')).toEqual([3, 5, 9])
})
