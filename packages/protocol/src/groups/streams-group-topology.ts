import { subtopology } from '../apis/streams-tasks.ts'
import { array, int32, message, type ValueOf } from '../schema/index.ts'
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

/** The topology: subtopologies with their topics. */
export const StreamsGroupTopologyValue = message({
  key: 23,
  name: 'StreamsGroupTopologyValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    subtopologies: array(subtopology),
  },
})
export type StreamsGroupTopologyValue = ValueOf<typeof StreamsGroupTopologyValue>
