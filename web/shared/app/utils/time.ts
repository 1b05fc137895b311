// How are moments and ages written? Moments are epoch milliseconds, zones IANA names. The clock has 24 hours.

import { count, locale, say, type Said } from './language.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
const HALF_YEAR = 180 * DAY

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

/** The parts of a date in that language. */
function parts(moment: number, zone: string, language: string, month: 'short' | 'numeric'): Record<string, string> {
  const key = `${language} ${month} ${zone}`
  let found = calendars.get(key)
  if (found === undefined) {
    const wanted = { year: 'numeric', month, day: 'numeric', weekday: 'short' } as const
    found = new Intl.DateTimeFormat(language, { timeZone: zone, calendar: 'gregory', ...wanted })
    calendars.set(key, found)
  }
  return Object.fromEntries(found.formatToParts(moment).map(({ type, value }) => [type, value]))
}

/** Days from 1970 to the day that it is in that zone. */
export function dayNumber(moment: number, zone: string): number {
  const { year, month, day } = parts(moment, zone, 'en-US', 'numeric')
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY
}

/** A date as a text of the catalogue has it. */
function dated(key: Said & `date.${string}`, moment: number, zone: string): string {
  const { weekday, month } = parts(moment, zone, locale(), 'short')
  const { day, month: m, year } = parts(moment, zone, 'en-US', 'numeric')
  const name = /^\d+$/.test(month!) ? monthName(moment, zone) : month!
  return say(key, { weekday: weekday!, day: day!, month: name, m: m!, year: year!, time: clock(moment, zone) })
}

/** Where the name is a number with a word, as in "11月", that word stands outside of the date's part. */
function monthName(moment: number, zone: string): string {
  return new Intl.DateTimeFormat(locale(), { timeZone: zone, month: 'short' }).format(moment)
}

/** "Mon 23 Nov". */
export function dayWords(moment: number, zone: string): string {
  return dated('date.day', moment, zone)
}

/** "14:02" on the day of `now`, "Mon 23 Nov, 14:02" within half a year, else "23 Nov 2025, 14:02". */
export function written(moment: number, now: number, zone: string): string {
  if (dayNumber(moment, zone) === dayNumber(now, zone)) return clock(moment, zone)
  return dated(Math.abs(moment - now) < HALF_YEAR ? 'date.day-time' : 'date.year-time', moment, zone)
}

/** "23 Nov 2026, 14:02": a moment that is clear without knowing when it is read. */
export function dateTime(moment: number, zone: string): string {
  return dated('date.year-time', moment, zone)
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
  if (passed === 0) return say('day.today')
  return passed === 1 ? say('day.yesterday') : dayWords(noon, 'UTC')
}

/** "just now", "8 minutes ago". */
export function ago(moment: number, now: number): string {
  return now - moment < MINUTE ? say('time.now') : relative(moment - now)
}

/** "in 3 days", at least a minute. */
export function until(moment: number, now: number): string {
  return relative(Math.max(MINUTE, moment - now))
}

function relative(milliseconds: number): string {
  const [value, unit] = largest(Math.abs(milliseconds))
  return new Intl.RelativeTimeFormat(locale()).format(milliseconds < 0 ? -value : value, unit)
}

/** "4 minutes", "1 hour", "3 days": the largest whole unit, at least a minute. */
export function span(milliseconds: number): string {
  const [n, unit] = largest(milliseconds)
  return count(`span.${unit}s`, n)
}

function largest(milliseconds: number): [number, 'minute' | 'hour' | 'day'] {
  if (milliseconds < HOUR) return [Math.max(1, Math.floor(milliseconds / MINUTE)), 'minute']
  return milliseconds < 2 * DAY ? [Math.floor(milliseconds / HOUR), 'hour'] : [Math.floor(milliseconds / DAY), 'day']
}

/** "40 s", "12 min", "2 h 08 min", "3 d 4 h": how long something took. */
export function lasted(milliseconds: number): string {
  const length = Math.max(0, milliseconds)
  const whole = (unit: number) => Math.floor(length / unit)
  if (length < MINUTE) return say('length.seconds', { s: whole(SECOND) })
  if (length < HOUR) return say('length.minutes', { min: whole(MINUTE) })
  const [h, min] = [whole(HOUR), String(whole(MINUTE) % 60).padStart(2, '0')]
  return length < DAY ? say('length.hours', { h, min }) : say('length.days', { d: whole(DAY), h: h % 24 })
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

/** "Europe/Budapest" as people read it. */
export function zoneWords(zone: string): string {
  return zone.replaceAll('_', ' ')
}
