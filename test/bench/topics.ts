import { CreateTopics, DeleteTopics, errorName } from '@varve/protocol'
import { ask } from './ask.ts'

const CREATE_VERSION = 5
const DELETE_VERSION = 5

export async function createTopic(
  port: number,
  name: string,
  numPartitions: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
  const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs }
  const request = { topics: [topic], timeoutMs: 10_000, validateOnly: false }
  const { topics } = await ask({ port, api: CreateTopics, version: CREATE_VERSION, request })
  const code = topics[0]?.errorCode ?? -1
  if (code !== 0) throw new Error(`could not create ${name}: ${errorName(code)}`)
}

export async function deleteTopic(port: number, name: string): Promise<void> {
  const request = { topicNames: [name], timeoutMs: 10_000 }
  const { responses } = await ask({ port, api: DeleteTopics, version: DELETE_VERSION, request })
  const code = responses[0]?.errorCode ?? -1
  if (code !== 0) throw new Error(`could not delete ${name}: ${errorName(code)}`)
}
