import { dataSets } from '../data-set.ts'

/** As the Java program does it. */
export const wordsOf = (line: string): string[] =>
  line.split(/[^\p{L}\p{N}]+/u).filter(word => word !== '')

/** How many movies are in one wave of lines. */
const MOVIES = 350

/** Lines of the data sets, a wave for each kill and one before. */
export function waves(): readonly (readonly string[])[] {
  const lines = new Map(dataSets().map(({ name, records }) => [name, records]))
  const of = (name: string, from: number, to: number): string[] =>
    (lines.get(name) ?? []).slice(from, to).map(({ value }) => value)
  return [
    of('cars', 0, 406),
    of('weather', 0, 1461),
    ...[0, 1, 2].map(wave => of('movies', wave * MOVIES, (wave + 1) * MOVIES)),
  ]
}

/** How often each word is in the lines. */
export function countWords(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of lines.flatMap(wordsOf)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

/** What two counts differ in, in words; nothing when they are the same. */
export function countFaults(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): string[] {
  const words = [...new Set([...expected.keys(), ...found.keys()])]
  const wrong = words.filter(word => expected.get(word) !== found.get(word))
  const shown = wrong
    .slice(0, 3)
    .map(word => `${word}: ${found.get(word) ?? 'no'} for ${expected.get(word) ?? 'no'}`)
  return wrong.length === 0
    ? []
    : [`${wrong.length} words are counted wrongly: ${shown.join(', ')}`]
}
