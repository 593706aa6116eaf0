import type { RequestContext } from './handler.ts'

/** Whether this broker coordinates consumer groups (KIP-848): its settings have not switched them off, and the cluster is that far. */
export function speaksConsumerProtocol({ broker }: RequestContext): boolean {
  const isFinalized = (broker.metadata.image.features.get('group.version') ?? 0) >= 1
  return (
    isFinalized &&
    broker.settings.list('group.coordinator.rebalance.protocols').includes('consumer')
  )
}
