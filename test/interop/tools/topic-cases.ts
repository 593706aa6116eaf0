import type { ToolCase } from './tool-case.ts'

const topics = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-topics',
  args,
  ...more,
})

const refused = { compares: 'errors' } as const

export const topicCases: readonly ToolCase[] = [
  topics('--list'),
  topics('--create --topic orders --partitions 3 --config retention.ms=3600000'),
  topics('--create --topic orders --partitions 3', refused),
  topics('--create --topic orders --partitions 3 --if-not-exists'),
  topics('--create --topic clicks --partitions 1 --config cleanup.policy=compact,delete'),
  topics('--create --topic placed --replica-assignment 1,1'),
  topics('--create --topic a/b --partitions 1', refused),
  topics('--create --topic none --partitions 0', refused),
  topics('--create --topic twice --partitions 1 --replication-factor 2', refused),
  topics('--create --topic wrong --partitions 1 --config no.such=1', refused),
  topics('--create --topic wrong --partitions 1 --config retention.ms=soon', refused),
  topics('--create --topic wrong --replica-assignment 1:1', refused),
  topics('--create --topic wrong --replica-assignment 7', refused),
  topics('--list'),
  topics('--list --topic o.*'),
  topics('--describe --topic orders'),
  topics('--describe --topic orders,clicks', { compares: 'set' }),
  topics('--describe --topics-with-overrides', { compares: 'set' }),
  topics('--describe --under-replicated-partitions'),
  topics('--describe --unavailable-partitions'),
  topics('--describe --at-min-isr-partitions --topic orders'),
  topics('--describe --topic missing', refused),
  topics('--describe --topic missing --if-exists'),
  topics('--alter --topic orders --partitions 5'),
  topics('--alter --topic orders --partitions 2', refused),
  topics('--alter --topic missing --partitions 2', refused),
  topics('--describe --topic orders'),
  topics('--delete --topic missing', refused),
  topics('--delete --topic placed'),
  topics('--list'),
]
