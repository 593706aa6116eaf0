import type { BrokerSettings } from '../../config/broker-settings.ts'
import { saturated } from '../../config/numbers.ts'
import { topicSettingValue } from '../../config/topic-settings.ts'
import type { MetadataImage } from '../../metadata/image.ts'

/** The batch and the record around key and value, at most. */
const ENVELOPE_BYTES = 128

/** What key and value of one record may come to in a coordinator's topic, under its settings in the image. */
export function maxRecordBytes(
  topicName: string,
  settings: BrokerSettings,
  image: MetadataImage,
): number {
  const configs = image.topics.byName.get(topicName)?.configs ?? new Map()
  const maxBytes = (name: 'max.message.bytes' | 'segment.bytes'): number =>
    saturated(topicSettingValue(name, configs, settings).value ?? '0')
  return Math.min(maxBytes('max.message.bytes'), maxBytes('segment.bytes')) - ENVELOPE_BYTES
}
