import type { StartPosition } from '@varve/client'
import { UsageError } from './command-error.ts'

/** Reads `--from`: an end of the log, an offset, or a time. */
export function startPosition(text: string): StartPosition {
  if (text === 'beginning' || text === 'earliest') return 'earliest'
  if (text === 'end' || text === 'latest') return 'latest'
  const offset = /^(?:offset[: ])?(\d{1,16})$/.exec(text.trim())?.[1]
  if (offset !== undefined) return Number(offset)
  // A bare number would be read as a year, and a bare word as whatever the engine makes of it.
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const timestamp = Date.parse(text)
    if (Number.isFinite(timestamp)) return { timestamp }
  }
  throw new UsageError(
    `--from is ${JSON.stringify(text)}; expected beginning, end, an offset, or a time such as 2026-11-21T10:00:00Z`,
  )
}
