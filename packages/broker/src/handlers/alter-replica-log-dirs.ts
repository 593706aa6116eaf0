import { AlterReplicaLogDirs, type ErrorName, errorCode } from '@varve/protocol'
import type { BrokerParts } from './broker-parts.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'

/** Moves replicas between the data folders of a broker. There is one: who wants them there has them, and there is no other. */
export const alterReplicaLogDirs = handler(
  AlterReplicaLogDirs,
  ['Alter Cluster'],
  (request, context) => {
    const refusal = clusterRefusal(context, 'Alter')
    // A partition that is wanted in two folders gets one answer, for the last of them.
    const byTopic = new Map<string, Map<number, ErrorName>>()
    for (const { path, topics } of request.dirs) {
      const isOurs = withoutSlash(path) === withoutSlash(context.broker.dataDirectory)
      for (const { name, partitions } of topics) {
        const results = byTopic.get(name) ?? new Map<number, ErrorName>()
        byTopic.set(name, results)
        for (const index of partitions) {
          const found = isOurs ? foundIn(context.broker, name, index) : 'LOG_DIR_NOT_FOUND'
          results.set(index, refusal?.error ?? found)
        }
      }
    }
    return {
      results: [...byTopic].map(([topicName, results]) => ({
        topicName,
        partitions: [...results].map(([partitionIndex, error]) => ({
          partitionIndex,
          errorCode: errorCode(error),
        })),
      })),
    }
  },
)

function foundIn({ metadata }: BrokerParts, name: string, index: number): ErrorName {
  const partition = metadata.image.topics.byName.get(name)?.partitions[index]
  return partition === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'NONE'
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
