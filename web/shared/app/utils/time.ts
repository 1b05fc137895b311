// How are moments and ages written? Moments are epoch milliseconds, zones IANA names.

const clocks = new Map<string, Intl.DateTimeFormat>()

function formatter(zone: string): Intl.DateTimeFormat {
  let found = clocks.get(zone)
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    clocks.set(zone, found)
  }
  return found
}

/** "14:02" in that zone. */
export function clock(moment: number, zone: string): string {
  return formatter(zone).format(moment)
}

/** Is it a zone that this browser knows? */
export function isZone(zone: string): boolean {
  try {
    formatter(zone)
    return true
  } catch {
    return false
  }
}

/** "4 minutes", "1 hour", "3 days": the largest whole unit, at least a minute. */
export function span(milliseconds: number): string {
  const minutes = Math.max(1, Math.floor(milliseconds / 60_000))
  if (minutes < 60) return count(minutes, 'minute')
  if (minutes < 60 * 48) return count(Math.floor(minutes / 60), 'hour')
  return count(Math.floor(minutes / 60 / 24), 'day')
}

function count(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? '' : 's'}`
}
