/** The topics that belong to the broker: only its coordinators write them. */
const internalTopics: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])

export function isInternalTopic(name: string): boolean {
  return internalTopics.has(name)
}
