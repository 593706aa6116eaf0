/** A group of the consumer protocol (KIP-848): the coordinator assigns, and each member moves there at its own pace. */
export interface ConsumerGroup {
  readonly kind: 'consumer'
  readonly groupId: string
  groupEpoch: number
}
