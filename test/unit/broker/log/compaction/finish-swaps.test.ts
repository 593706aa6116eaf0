import { expect, it } from 'vitest'
import { finishSwaps } from '../../../../../packages/broker/src/log/compaction/finish-swaps.ts'
import { segmentFileName } from '../../../../../packages/broker/src/log/segment-files.ts'
import {
  diskWithFolder,
  FOLDER,
  namesIn,
  singles,
  writeFile,
} from '../../../../support/log-parts.ts'

const name = segmentFileName

it('puts a decided segment in the place of all that it covers, and of nothing else', async () => {
  const disk = await diskWithFolder()
  for (const base of [0, 2, 4])
    for (const kind of ['log', 'index', 'timeindex', 'snapshot'] as const)
      writeFile(disk, name(base, kind), `old ${base}`)
  writeFile(disk, `${name(0, 'log')}.swap`, singles(3, ['last'])[0] as Buffer)
  writeFile(disk, `${name(0, 'index')}.swap`, 'new')
  expect(await finishSwaps(disk, FOLDER, (await disk.list(FOLDER)) ?? [])).toBe('done')
  expect(await namesIn(disk)).toEqual([
    name(0, 'index'),
    name(0, 'log'),
    name(0, 'snapshot'),
    name(4, 'index'),
    name(4, 'log'),
    name(4, 'snapshot'),
    name(4, 'timeindex'),
  ])
  expect(`${await disk.readFile(`${FOLDER}/${name(0, 'index')}`)}`).toBe('new')
  expect(await finishSwaps(disk, FOLDER, (await disk.list(FOLDER)) ?? [])).toBe('nothing to do')
})

it('takes back what was not decided', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, name(0, 'log'), 'old')
  writeFile(disk, name(0, 'index'), 'old')
  writeFile(disk, `${name(0, 'index')}.swap`, 'new')
  writeFile(disk, `${name(0, 'log')}.cleaned`, 'new')
  await finishSwaps(disk, FOLDER, (await disk.list(FOLDER)) ?? [])
  expect(await namesIn(disk)).toEqual([name(0, 'index'), name(0, 'log')])
})

it('leaves everything as it is when the cleaned segment is damaged', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, name(0, 'log'), 'old')
  writeFile(
    disk,
    `${name(0, 'log')}.swap`,
    'no batch at all, but long enough to be looked at as one, or so it seems to be',
  )
  const before = await namesIn(disk)
  await expect(finishSwaps(disk, FOLDER, (await disk.list(FOLDER)) ?? [])).rejects.toThrow(
    'EBADMSG',
  )
  expect(await namesIn(disk)).toEqual(before)
})
