// How much of one cell was a service up? As the whole window's percentage is counted: of the time that is known.

import type { Mark, Scale } from '#layer/api/page'
import { cellTime } from '#layer/utils/bar-names'

/** Seconds of a cell that have passed; a day of the page's zone has 23 to 25 hours. */
export function cellSeconds(scale: Scale, at: number, zone: string, now: number): number {
  const { day, start, end } = cellTime(scale, at)
  const [from, to] = day === null ? [start, end] : [midnight(start, zone), midnight(end, zone)]
  return Math.max(0, Math.min(to, now) - from) / 1000
}

/** When the day that begins at that moment in UTC begins in the zone. */
export function midnight(utc: number, zone: string): number {
  return utc - offset(utc - offset(utc, zone), zone)
}

function offset(moment: number, zone: string): number {
  const options = { timeZone: zone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' } as const
  return Date.parse(`${new Intl.DateTimeFormat('sv-SE', options).format(moment).replace(' ', 'T')}Z`) - moment
}

/** "99.93", cut and never rounded up; null where nothing is known. */
export function cellUptime(kind: string, mark: Mark | undefined, seconds: number): string | null {
  if (kind === '.' || kind === 'z') return null
  const known = seconds - (mark?.unknown_s ?? 0) - (mark?.maintenance_s ?? 0)
  if (known <= 0) return null
  const up = Math.max(0, known - (mark?.down_s ?? ('px'.includes(kind) ? known : 0)))
  return (Math.floor((up / known) * 10_000) / 100).toFixed(2)
}
