import { DescribeCluster, DescribeLogDirs, Metadata } from '@varve/protocol'
import { askBroker, type Call } from '../cluster/ask.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import type { DescribedCluster, DescribedLogDir } from './results.ts'

/** Describes the cluster and its brokers. */
export async function describeCluster(call: Call): Promise<DescribedCluster> {
  const about = 'describing the cluster'
  try {
    const request = { includeClusterAuthorizedOperations: false }
    const response = await call.cluster.requestAny(DescribeCluster, request, { ...call, about })
    const error = protocolError(response.errorCode, { about, detail: response.errorMessage })
    if (error !== undefined) throw error
    const brokers = response.brokers.map(({ brokerId, host, port, rack }) => ({
      brokerId,
      host,
      port,
      rack,
    }))
    return { clusterId: response.clusterId, controllerId: response.controllerId, brokers }
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.error !== 'UNSUPPORTED_VERSION') throw error
    return describeByMetadata(call, about)
  }
}

/** KIP-700 gave describing the cluster its own API; older brokers tell the same through Metadata. */
async function describeByMetadata(call: Call, about: string): Promise<DescribedCluster> {
  const request = { topics: [], allowAutoTopicCreation: false }
  const response = await call.cluster.requestAny(Metadata, request, { ...call, about })
  const brokers = response.brokers.map(({ nodeId, host, port, rack }) => ({
    brokerId: nodeId,
    host,
    port,
    rack,
  }))
  return { clusterId: response.clusterId ?? '', controllerId: response.controllerId, brokers }
}

/** Describes the log directories of brokers, of all by default; one result per directory. */
export async function describeLogDirs(
  call: Call,
  brokerIds: readonly number[] | undefined,
): Promise<DescribedLogDir[]> {
  const ids = brokerIds ?? (await describeCluster(call)).brokers.map(({ brokerId }) => brokerId)
  const answers = await Promise.all(
    ids.map(async brokerId => {
      const about = `describing the log directories of broker ${brokerId}`
      const response = await askBroker(call, brokerId, DescribeLogDirs, { topics: null })
      const error = protocolError(response.errorCode, { about })
      if (error !== undefined) throw error
      return response.results.map(directory => ({
        brokerId,
        path: directory.logDir,
        totalBytes: directory.totalBytes,
        usableBytes: directory.usableBytes,
        error: protocolError(directory.errorCode, { about }),
        partitions: directory.topics.flatMap(({ name, partitions }) =>
          partitions.map(partition => ({
            topic: name,
            partition: partition.partitionIndex,
            sizeBytes: partition.partitionSize,
            offsetLag: partition.offsetLag,
            isFuture: partition.isFutureKey,
          })),
        ),
      }))
    }),
  )
  return answers.flat()
}
