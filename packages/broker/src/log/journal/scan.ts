/** Finds the groups that a crash left in the files of a journal. */

import { Buffer } from 'node:buffer'
import type { DiskFile } from '../../world.ts'
import {
  aligned,
  type DecodedEntry,
  type DurableOffset,
  decodeBody,
  decodeHeader,
  GROUP_ALIGNMENT,
  GROUP_HEADER_BYTES,
  type GroupHeader,
} from './group.ts'

const WINDOW_BYTES = 1024 * 1024

/** A whole, valid group and where its body lies. */
export interface FoundGroup {
  readonly header: GroupHeader
  readonly file: DiskFile
  readonly bodyPosition: number
  readonly durable: readonly DurableOffset[]
  readonly entries: readonly DecodedEntry[]
}

export interface ScannedGroups {
  /** The groups to be replayed, by sequence. */
  readonly groups: readonly FoundGroup[]
  /** All durable offsets that valid groups carry, the newest last. */
  readonly durable: readonly DurableOffset[]
  readonly generation: number
  /** A group is missing or invalid although a later one is there: not a torn tail, but damage. */
  readonly isDamaged: boolean
}

/** Looks through all files; what is torn, zero, or left over from an earlier use of a file is not reported. */
export const scanGroups = async (files: readonly DiskFile[]): Promise<ScannedGroups> => {
  const found: FoundGroup[] = []
  for (const file of files) found.push(...(await groupsOf(file)))
  const newest = found.reduce<FoundGroup | undefined>(newerOf, undefined)
  if (newest === undefined) return { groups: [], durable: [], generation: 0, isDamaged: false }
  const { generation, incarnation, neededFrom } = newest.header
  const own = found
    .filter(({ header }) => header.generation === generation && header.incarnation === incarnation)
    .sort((a, b) => a.header.sequence - b.header.sequence)
  const groups = own.filter(({ header }) => header.sequence >= neededFrom)
  return {
    groups,
    durable: own.flatMap(group => group.durable),
    generation,
    isDamaged: groups.length !== newest.header.sequence - neededFrom + 1,
  }
}

const newerOf = (newest: FoundGroup | undefined, group: FoundGroup): FoundGroup => {
  if (newest === undefined) return group
  const { generation, sequence } = newest.header
  if (group.header.generation !== generation) {
    return group.header.generation > generation ? group : newest
  }
  return group.header.sequence > sequence ? group : newest
}

const groupsOf = async (file: DiskFile): Promise<FoundGroup[]> => {
  const found: FoundGroup[] = []
  const window = new ReadWindow(file)
  let position = 0
  while (position < file.sizeBytes) {
    const group = await groupAt(window, position)
    if (group === undefined) {
      position = await nextHeader(window, position + GROUP_ALIGNMENT)
    } else {
      found.push(group)
      position += aligned(GROUP_HEADER_BYTES + group.header.bodyBytes)
    }
  }
  return found
}

const groupAt = async (window: ReadWindow, position: number): Promise<FoundGroup | undefined> => {
  const { file } = window
  const header = decodeHeader(await window.read(position, GROUP_HEADER_BYTES), 0)
  if (header === undefined) return undefined
  const bodyPosition = position + GROUP_HEADER_BYTES
  if (bodyPosition + header.bodyBytes > file.sizeBytes) return undefined
  const content = decodeBody(header, await window.read(bodyPosition, header.bodyBytes))
  return content === undefined ? undefined : { header, file, bodyPosition, ...content }
}

/** The next position, from `start`, at which a header stands; the end of the file when there is none. */
const nextHeader = async (window: ReadWindow, start: number): Promise<number> => {
  for (let position = start; position < window.file.sizeBytes; position += GROUP_ALIGNMENT) {
    if (decodeHeader(await window.read(position, GROUP_HEADER_BYTES), 0) !== undefined)
      return position
  }
  return window.file.sizeBytes
}

/** Reads a file in large pieces, because groups are small and many. */
class ReadWindow {
  readonly file: DiskFile
  #bytes = Buffer.alloc(0)
  #start = 0

  constructor(file: DiskFile) {
    this.file = file
  }

  /** The bytes from `position`; fewer at the end of the file. Valid until the next call. */
  async read(position: number, sizeBytes: number): Promise<Buffer> {
    const end = Math.min(position + sizeBytes, this.file.sizeBytes)
    const isInside = position >= this.#start && end <= this.#start + this.#bytes.length
    if (!isInside) {
      const into = Buffer.alloc(Math.max(WINDOW_BYTES, sizeBytes))
      this.#bytes = into.subarray(0, await this.file.read(position, into))
      this.#start = position
    }
    return this.#bytes.subarray(position - this.#start, end - this.#start)
  }
}
