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

const calendars = new Map<string, Intl.DateTimeFormat>()

interface Day {
  year: number
  month: number // January is 1
  day: number
  weekday: string
}

function calendar(moment: number, zone: string): Day {
  let found = calendars.get(zone)
  if (found === undefined) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'short' } as const
    found = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...parts })
    calendars.set(zone, found)
  }
  const part = Object.fromEntries(found.formatToParts(moment).map(({ type, value }) => [type, value]))
  return { year: Number(part.year), month: Number(part.month), day: Number(part.day), weekday: part.weekday! }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY = 86_400_000
const HALF_YEAR = 180 * DAY

/** Days from 1970 to the day that it is in that zone. */
function dayNumber(moment: number, zone: string): number {
  const { year, month, day } = calendar(moment, zone)
  return Date.UTC(year, month - 1, day) / DAY
}

function dayWords(moment: number, zone: string): string {
  const { weekday, day, month } = calendar(moment, zone)
  return `${weekday} ${day} ${MONTHS[month - 1]}`
}

/** "14:02" on the day of `now`, "Mon 23 Nov, 14:02" within half a year, else "23 Nov 2025, 14:02". */
export function written(moment: number, now: number, zone: string): string {
  const time = clock(moment, zone)
  if (dayNumber(moment, zone) === dayNumber(now, zone)) return time
  if (Math.abs(moment - now) < HALF_YEAR) return `${dayWords(moment, zone)}, ${time}`
  const { year, month, day } = calendar(moment, zone)
  return `${day} ${MONTHS[month - 1]} ${year}, ${time}`
}

/** "Mon 23 Nov, 22:00–23:30"; the end's day is said only if it is another one. */
export function between(start: number, end: number, now: number, zone: string): string {
  const dash = dayNumber(start, zone) === dayNumber(end, zone) ? '–' : ' – '
  return `${written(start, now, zone)}${dash}${written(end, start, zone)}`
}

/** A day such as 2026-11-24 as a list has it: "Today", "Yesterday", "Mon 23 Nov". */
export function namedDay(day: string, now: number, zone: string): string {
  const noon = Date.parse(`${day}T12:00:00Z`)
  const passed = dayNumber(now, zone) - dayNumber(noon, 'UTC')
  return ['Today', 'Yesterday'][passed] ?? dayWords(noon, 'UTC')
}

/** "just now", "8 minutes ago". */
export function ago(moment: number, now: number): string {
  return now - moment < 60_000 ? 'just now' : `${span(now - moment)} ago`
}

/** "40 s", "12 min", "2 h 08 min", "3 d 4 h": how long something took. */
export function lasted(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)]
  if (seconds < 60) return `${seconds} s`
  if (hours === 0) return `${minutes} min`
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
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

/** "1 minute", "2 minutes". */
export function count(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? '' : 's'}`
}
