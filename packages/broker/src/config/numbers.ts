/** Numbers from the decimal text of a setting. */

/** The number that the text means; beyond what a JavaScript number holds exactly, the nearest bound. */
export function saturated(text: string): number {
  const value = Number(text.trim())
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))
}

/** Decimal text of `text` times `factor`, for settings that stand in for one another in another unit. */
export function scaled(text: string, factor: number): string {
  return String(saturated(text) * factor)
}
