import type { BrokerSettings } from '../../config/broker-settings.ts'
import { amend } from '../../metadata/amend.ts'
import { createTopics, type WantedTopic } from '../../metadata/create-topics.ts'
import type { MetadataStore } from '../../metadata/store.ts'
import { randomUuid } from '../../metadata/uuid.ts'
import { DiskError, type World } from '../../world.ts'

export interface TopicMaker {
  readonly world: World
  readonly settings: BrokerSettings
  readonly metadata: MetadataStore
}

/** Makes a topic for a coordinator if there is none. Resolves when this broker serves it; one that cannot be made is named in the log. */
export async function makeInternalTopic(maker: TopicMaker, wanted: WantedTopic): Promise<void> {
  const { world, settings, metadata } = maker
  const { name: topic } = wanted
  try {
    const [made] = await amend(metadata, image =>
      createTopics(image, [wanted], { settings, newTopicId: () => randomUuid(world.random) }),
    )
    if (made === undefined || made.error === 'TOPIC_ALREADY_EXISTS') return
    if (made.error === 'NONE')
      world.log.info('An internal topic was created.', { topic, partitions: made.numPartitions })
    else {
      const { error, message: reason } = made
      world.log.warn('An internal topic could not be created.', { topic, error, reason })
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    const { path, code } = error
    world.log.warn('An internal topic could not be written to the metadata.', { topic, path, code })
  }
}
