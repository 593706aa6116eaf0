import type { LogIdentity } from '../log/log-state.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import type { MetadataImage } from '../metadata/image.ts'

/** The logs of all partitions that the metadata knows, in the data folder at `path`. */
export function logIdentitiesOf(image: MetadataImage, path: string): LogIdentity[] {
  return [...image.topics.byId.values()].flatMap(({ topicId, name: topic, partitions }) =>
    partitions.map((_, partition) => {
      const directory = `${path}/${partitionFolderName(topic, partition)}`
      return { topic, topicId, partition, directory }
    }),
  )
}
