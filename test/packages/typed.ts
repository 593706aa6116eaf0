// Compiled, not run, in a project that has nothing but the packages: what a user of the types meets.
import { type RunningBroker, startBroker } from '@varve/broker'
import { KafkaContainer } from '@varve/broker/testcontainers'
import { Varve } from '@varve/client'
import { ApiVersions } from '@varve/protocol'

export async function total(): Promise<number> {
  const broker: RunningBroker = await startBroker({ port: 0, storage: 'memory' })
  const varve = new Varve({ brokers: [broker.address] })
  await using consumer = varve.consumer({ topics: ['orders'], startAt: 'earliest' })
  let bytes = 0
  for await (const { value } of consumer) bytes += value?.length ?? 0
  return bytes
}

// @ts-expect-error A misspelt option is an error of types.
export const misspelt = new Varve({ broker: [] })
// @ts-expect-error So is a part of a container that is not there.
export const unknown = new KafkaContainer().withSaslSslListener({})
export const apiKey: number = ApiVersions.key
