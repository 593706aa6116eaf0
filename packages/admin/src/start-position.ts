import type { StartPosition } from '@varve/client'
import { UsageError } from './command-error.ts'
import { isoTime } from './iso-time.ts'

/** Reads `--from`: an end of the log, an offset, or a time. */
export function startPosition(text: string): StartPosition {
  if (text === 'beginning' || text === 'earliest') return 'earliest'
  if (text === 'end' || text === 'latest') return 'latest'
  const offset = /^(?:offset[: ])?(\d{1,16})$/.exec(text.trim())?.[1]
  if (offset !== undefined) return Number(offset)
  const timestamp = isoTime(text)
  if (timestamp !== undefined) return { timestamp }
  throw new UsageError(
    `--from is ${JSON.stringify(text)}; expected beginning, end, an offset, or a time such as 2026-11-21T10:00:00Z`,
  )
}
