import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { dataSets } from '../data-set.ts'

const PIECES = 40
const BETWEEN_PIECES_MS = 100

/**
 * Lines of the data sets, each with its number before it, so that no two are the same. In ASCII: the file source of Kafka counts
 * characters and goes on at that byte when it is started again.
 */
export function numberedLines(): readonly string[] {
  const records = dataSets().flatMap(({ records }) => records)
  return records.map(({ value }, number) => `${number} ${value.replaceAll(/[^ -~]/g, '?')}`)
}

/** A file that a connector reads while it grows. */
export class GrowingFile {
  readonly path: string
  readonly lines: string[] = []

  constructor(path: string) {
    this.path = path
    appendFileSync(path, '')
  }

  /** Appends the lines bit by bit, over some seconds. */
  async grow(lines: readonly string[]): Promise<void> {
    const size = Math.ceil(lines.length / PIECES)
    for (let from = 0; from < lines.length; from += size) {
      const piece = lines.slice(from, from + size)
      appendFileSync(this.path, piece.map(line => `${line}\n`).join(''))
      this.lines.push(...piece)
      await delay(BETWEEN_PIECES_MS)
    }
  }
}

/** The whole lines that a connector has written. */
export function writtenLines(path: string): string[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1)
}

/** How what came out differs from what went in: what is lost, what nobody wrote, and how often a line came again. */
export function lineDifference(expected: readonly string[], found: readonly string[]) {
  const wanted = new Set(expected)
  const seen = new Set(found)
  const lost = expected.filter(line => !seen.has(line))
  const strange = found.filter(line => !wanted.has(line))
  const short = (line: string): string => line.slice(0, 40)
  const faults = [
    ...(lost.length === 0
      ? []
      : [`${lost.length} lines are lost, such as ${short(lost[0] ?? '')}`]),
    ...(strange.length === 0 ? [] : [`nobody wrote ${strange.slice(0, 3).map(short).join(' | ')}`]),
  ]
  return { lost, faults, duplicates: found.length - seen.size }
}

/** How often a line comes behind one that is after it in the file. */
export function stepsBack(lines: readonly string[]): number {
  const numbers = lines.map(line => Number(line.split(' ', 1)[0]))
  return numbers.filter((number, index) => number <= (numbers[index - 1] ?? -1)).length
}
