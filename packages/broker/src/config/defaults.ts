/**
 * Defaults that differ from Kafka's, because a broker starts without any configuration and alone: settings that Kafka
 * demands get a value, and internal topics ask for as many replicas as there are brokers.
 */
import type { BrokerSettingName } from './settings-table.ts'

export const standaloneDefaults: ReadonlyMap<BrokerSettingName, string> = new Map<
  BrokerSettingName,
  string
>([
  ['node.id', '1'],
  ['process.roles', 'broker,controller'],
  ['controller.listener.names', 'CONTROLLER'],
  ['log.dirs', './data'],
  ['log.dir', './data'],
  ['offsets.topic.replication.factor', '1'],
  ['transaction.state.log.replication.factor', '1'],
  ['transaction.state.log.min.isr', '1'],
  ['share.coordinator.state.topic.replication.factor', '1'],
  ['share.coordinator.state.topic.min.isr', '1'],
  // As in the server.properties that Kafka ships: the delay spares a large group some rebalances while it starts, and costs whoever starts
  // a single consumer three seconds each time.
  ['group.initial.rebalance.delay.ms', '0'],
])
