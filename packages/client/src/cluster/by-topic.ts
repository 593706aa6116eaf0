/** Items by the topic that they are about, both in the order in which they came: how most requests want them. */
export function byTopic<Item extends { readonly topic: string }>(
  items: readonly Item[],
): readonly (readonly [topic: string, items: readonly Item[]])[] {
  const topics = new Map<string, Item[]>()
  for (const item of items) {
    const known = topics.get(item.topic)
    if (known === undefined) topics.set(item.topic, [item])
    else known.push(item)
  }
  return [...topics]
}
