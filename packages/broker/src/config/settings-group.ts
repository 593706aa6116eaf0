/** Kafka's settings of groups: consumer (KIP-848), share and streams. */
import { int, string } from './setting.ts'

export const groupSettings = {
  'consumer.heartbeat.interval.ms': int(
    '5000',
    '[1,...]',
    'group',
    'Heartbeat interval told to KIP-848 members.',
  ),
  'consumer.session.timeout.ms': int(
    '45000',
    '[1,...]',
    'group',
    'Member is fenced after this silence.',
  ),
  'share.auto.offset.reset': string(
    'latest',
    '[latest, earliest, by_duration:PnDTnHnMn.nS]',
    'group',
    'Where a new share-partition starts: latest, earliest or by_duration:<ISO-8601>.',
  ),
  'share.heartbeat.interval.ms': int(
    '5000',
    '[1,...]',
    'group',
    'Heartbeat interval for share members.',
  ),
  'share.isolation.level': string(
    'read_uncommitted',
    '[read_committed, read_uncommitted]',
    'group',
    'Whether open/aborted transactional records are delivered.',
  ),
  'share.record.lock.duration.ms': int(
    '30000',
    '[1000,...]',
    'group',
    'Acquisition lock duration.',
  ),
  'share.session.timeout.ms': int(
    '45000',
    '[1,...]',
    'group',
    'Member removed after this silence.',
  ),
  'streams.heartbeat.interval.ms': int('5000', '[1,...]', 'group', 'Heartbeat interval.'),
  'streams.initial.rebalance.delay.ms': int(
    '3000',
    '[0,...]',
    'group',
    'Wait for more members before the first assignment.',
  ),
  'streams.num.standby.replicas': int('0', '[0,...]', 'group', 'Standby tasks per task.'),
  'streams.session.timeout.ms': int(
    '45000',
    '[1,...]',
    'group',
    'Member removed after this silence.',
  ),
} as const
