import { array, int16, int32, int64, string, uint16 } from '../schema/index.ts'

/** A pair of texts: a setting of a topic, or a tag of a client. */
export const keyValue = { key: string, value: string }

/** An internal topic of a topology, as it is to be created. */
export const topicInfo = {
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array(keyValue),
}

/** Where a member of a streams group answers questions about its state. */
export const userEndpoint = { host: string, port: uint16 }

/** How far a task has come. */
export const taskOffset = { subtopologyId: string, partition: int32, offset: int64 }

/** The tasks of a subtopology, one for each partition. */
export const taskIds = { subtopologyId: string, partitions: array(int32) }

/** A part of a topology: the topics that its tasks read and write. Copartition groups hold positions in the lists of topics. */
export const subtopology = {
  subtopologyId: string,
  sourceTopics: array(string),
  sourceTopicRegex: array(string),
  stateChangelogTopics: array(topicInfo),
  repartitionSinkTopics: array(string),
  repartitionSourceTopics: array(topicInfo),
  copartitionGroups: array({
    sourceTopics: array(int16),
    sourceTopicRegex: array(int16),
    repartitionSourceTopics: array(int16),
  }),
}
