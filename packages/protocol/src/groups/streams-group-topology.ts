import { topicInfo } from '../apis/streams-tasks.ts'
import { array, int16, int32, message, string, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** A streams group has a topology. */
export const StreamsGroupTopologyKey = message({
  key: 23,
  name: 'StreamsGroupTopologyKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type StreamsGroupTopologyKey = ValueOf<typeof StreamsGroupTopologyKey>

/** The topology: subtopologies with their topics. Copartition groups hold positions in the lists of topics. */
export const StreamsGroupTopologyValue = message({
  key: 23,
  name: 'StreamsGroupTopologyValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    subtopologies: array({
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
    }),
  },
})
export type StreamsGroupTopologyValue = ValueOf<typeof StreamsGroupTopologyValue>
