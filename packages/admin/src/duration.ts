/** `P1DT2H30M`, as Java's `Duration` reads it, and weeks. */
const ISO_DURATION =
  /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d{1,9})?)S)?)?$/i
/** `1h30m`, `90 m`, `2d`. */
const SHORT_DURATION = /^(?:\d+(?:\.\d+)?\s*(?:ms|[wdhms])\s*)+$/i

const UNIT_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** Milliseconds of a duration such as `PT1H30M` or `90m`, or undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim()
  const iso = ISO_DURATION.exec(trimmed)
  if (iso !== null) {
    const [weeks, days, hours, minutes, seconds] = iso
      .slice(1)
      .map(part => Number((part ?? '0').replace(',', '.'))) as [
      number,
      number,
      number,
      number,
      number,
    ]
    return (
      weeks * UNIT_MS.w +
      days * UNIT_MS.d +
      hours * UNIT_MS.h +
      minutes * UNIT_MS.m +
      Math.round(seconds * UNIT_MS.s)
    )
  }
  if (!SHORT_DURATION.test(trimmed)) return undefined
  let sum = 0
  for (const [, count, unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[wdhms])/gi)) {
    sum += Number(count) * UNIT_MS[unit.toLowerCase() as keyof typeof UNIT_MS]
  }
  return Math.round(sum)
}
