/** A date, and behind it perhaps a time, with its zone perhaps. */
const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/**
 * Milliseconds since 1970 of an ISO 8601 date or time, or undefined when it is none. Without a zone it is UTC, as Kafka's own
 * tools read it: the same command then means the same on every machine.
 */
export function isoTime(text: string): number | undefined {
  const match = ISO_TIME.exec(text.trim())
  if (match === null) return undefined
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hours), Number(minutes), Number(seconds))
  // A day that the month does not have would silently become one of the next.
  const isReal =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hours) &&
    date.getUTCMinutes() === Number(minutes) &&
    date.getUTCSeconds() === Number(seconds)
  if (!isReal) return undefined
  const offsetMinutes = zoneMinutes(match[8] ?? 'Z')
  if (offsetMinutes === undefined) return undefined
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  return date.getTime() + milliseconds - offsetMinutes * 60_000
}

function zoneMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', ''))
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
