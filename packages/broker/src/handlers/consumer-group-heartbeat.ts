import { ConsumerGroupHeartbeat, type ConsumerGroupHeartbeatResponse } from '@varve/protocol'
import { consumerGroupHeartbeat as decide } from '../coordinator/group/consumer/consumer-heartbeat.ts'
import { refusedHeartbeat } from '../coordinator/group/consumer/heartbeat-answer.ts'
import { speaksConsumerProtocol } from './consumer-protocol.ts'
import { callerWithFreshId } from './group-caller.ts'
import { handler } from './handler.ts'

/**
 * Joins, keeps alive, reconciles and leaves a consumer group (KIP-848). Topics that are named have to be ones that the caller may
 * describe; a regular expression matches only those.
 */
export const consumerGroupHeartbeat = handler(
  ConsumerGroupHeartbeat,
  ['Read Group', 'Describe Topic'],
  async (request, context) => {
    const { groupId, subscribedTopicNames } = request
    if (!speaksConsumerProtocol(context)) {
      const message = 'Consumer groups are switched off on this broker.'
      return refusedHeartbeat({ error: 'UNSUPPORTED_VERSION', message })
    }
    if (!context.authorize('Read', 'Group', groupId)) {
      const message = 'The group may not be read.'
      return refusedHeartbeat({ error: 'GROUP_AUTHORIZATION_FAILED', message })
    }
    const mayDescribe = (topicName: string): boolean =>
      context.authorize('Describe', 'Topic', topicName)
    if (subscribedTopicNames?.every(mayDescribe) === false) {
      const message = 'Not all of the topics may be described.'
      return refusedHeartbeat({ error: 'TOPIC_AUTHORIZATION_FAILED', message })
    }
    const caller = callerWithFreshId(context)
    return await context.broker.groups.ask<ConsumerGroupHeartbeatResponse>(groupId, {
      decide: (state, ticket, moment) =>
        decide(state, { ...caller, request, ticket, mayDescribe }, moment),
      refuse: error =>
        refusedHeartbeat({ error, message: 'The coordinator of the group cannot answer now.' }),
    })
  },
)
