import { expect, it } from 'vitest'
import { removeIfThere } from '../../../../packages/broker/src/log/remove-if-there.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { diskWithFolder, FOLDER, namesIn, writeFile } from '../../../support/log-parts.ts'

it('removes a file, has nothing to say when there is none, and tells what else goes wrong', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, 'a', 'x')
  await removeIfThere(disk, `${FOLDER}/a`)
  await removeIfThere(disk, `${FOLDER}/a`)
  expect(await namesIn(disk)).toEqual([])
  disk.remove = path => Promise.reject(new DiskError('remove', path, 'EIO'))
  await expect(removeIfThere(disk, `${FOLDER}/a`)).rejects.toThrow('EIO')
})
