import { expect, it } from 'vitest'
import {
  readPartitionMetadata,
  topicIdIn,
  writePartitionMetadata,
} from '../../../../packages/broker/src/log/partition-metadata.ts'
import { MemoryDisk } from '../../../../packages/broker/src/memory/disk.ts'

it('writes partition.metadata with the bytes that Kafka writes, and reads them', async () => {
  const disk = new MemoryDisk({ now: () => 0, capacityBytes: 1000 })
  await disk.makeDirectory('/a-0')
  await writePartitionMetadata(disk, '/a-0', 'AAECAwQFBgcICQoLDA0ODw')
  const kafka =
    '76657273696f6e3a20300a746f7069635f69643a2041414543417751464267634943516f4c4441304f4477'
  expect((await disk.readFile('/a-0/partition.metadata'))?.toString('hex')).toBe(kafka)
  expect(await readPartitionMetadata(disk, '/a-0')).toBe('AAECAwQFBgcICQoLDA0ODw')
  expect(await readPartitionMetadata(disk, '/b-0')).toBeUndefined()
  expect([topicIdIn(undefined), topicIdIn(Buffer.from('nonsense'))]).toEqual([undefined, ''])
})
