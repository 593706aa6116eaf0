import { DiskImage } from '../../support/disk-image.ts'
import { describeDisk } from '../../support/disk-laws.ts'
import { ModelDisk } from '../../support/model-disk.ts'

describeDisk('the model disk', async () => {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/data')
  return { disk, root: '/data' }
})
