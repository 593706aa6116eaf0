/**
 * Offsets of groups as comma-separated values, in the two forms of Kafka's own tool, without a heading:
 * `topic,partition,offset` for one group, `group,topic,partition,offset` for several.
 */
import type { TopicPartition } from '@varve/client'
import { CommandError } from './command-error.ts'

export interface OffsetRow extends TopicPartition {
  /** Undefined in the form for one group. */
  readonly groupId: string | undefined
  readonly offset: number
}

/** The lines for these offsets; the group is written when there are several. */
export function csvOfOffsets(
  rows: readonly (OffsetRow & { readonly groupId: string })[],
  form: 'one group' | 'several groups',
): string {
  return rows
    .map(({ groupId, topic, partition, offset }) => {
      const own = [quoted(topic), partition, offset]
      return `${(form === 'one group' ? own : [quoted(groupId), ...own]).join(',')}\n`
    })
    .join('')
}

function quoted(text: string): string {
  return /^[A-Za-z0-9._-]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`
}

/** Reads the lines of either form. Throws a `CommandError` that names the line that is wrong; `name` is that of the file. */
export function offsetsOfCsv(name: string, text: string): readonly OffsetRow[] {
  const rows: OffsetRow[] = []
  const seen = new Map<string, number>()
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue
    const number = index + 1
    const row = rowOf(line)
    if (row === undefined) {
      throw new CommandError(
        `${name}, line ${number}: ${JSON.stringify(line.slice(0, 80))} is neither topic,partition,offset nor group,topic,partition,offset`,
      )
    }
    const key = JSON.stringify([row.groupId, row.topic, row.partition])
    const earlier = seen.get(key)
    if (earlier !== undefined) {
      throw new CommandError(
        `${name}, line ${number}: ${row.topic}-${row.partition} was named in line ${earlier} already`,
      )
    }
    seen.set(key, number)
    rows.push(row)
  }
  if (rows.length === 0) throw new CommandError(`${name} holds no offsets`)
  return rows
}

function rowOf(line: string): OffsetRow | undefined {
  const cells = cellsOf(line)
  if (cells === undefined || cells.length < 3 || cells.length > 4) return undefined
  const groupId = cells.length === 4 ? cells.shift() : undefined
  const [topic = '', partition = '', offset = ''] = cells
  const isRight = topic !== '' && /^\d{1,9}$/.test(partition) && /^\d{1,16}$/.test(offset)
  if (!isRight || !Number.isSafeInteger(Number(offset))) return undefined
  return { groupId, topic, partition: Number(partition), offset: Number(offset) }
}

/** The cells of a line: plain, or in quotes with quotes in them doubled. */
function cellsOf(line: string): string[] | undefined {
  const cells: string[] = []
  const cell = /\s*(?:"((?:[^"]|"")*)"|([^",]*?))\s*(,|$)/y
  for (;;) {
    const match = cell.exec(line)
    if (match === null) return undefined
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '') return cells
  }
}
