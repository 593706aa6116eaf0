/**
 * Results in the order of what was asked about, because a broker may answer in an order of its own (Kafka answers for topics that
 * failed first, and in that of a hash table). What it did not answer for is left out.
 */
export function inOrder<Asked, Result>(
  asked: readonly Asked[],
  results: readonly Result[],
  keyOf: (item: Asked | Result) => string,
): Result[] {
  const places = new Map(asked.map((item, place) => [keyOf(item), place]))
  const placeOf = (result: Result) => places.get(keyOf(result)) ?? asked.length
  return [...results].sort((a, b) => placeOf(a) - placeOf(b))
}
