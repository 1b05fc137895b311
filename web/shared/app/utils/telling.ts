// How is an incident, or work that was announced, told in a few words? golden/telling.json holds it for both sides.

import type { Affected, Incident, Maintenance, Past } from '../api/page.ts'
import { count, listed, say, type Said } from './language.ts'
import { between, lasted, span, until, written, zoneWords } from './time.ts'

/** Updates of an incident that are shown at once; older ones are folded. */
export const SHOWN = 3

/** "Identified". */
export function statusWord(status: string): string {
  return say(`status.${status}` as Said)
}

/** "Affects API (partial outage), Webhooks", or ''. */
export function affects(affected: readonly Affected[]): string {
  return affected.length > 0 ? say('incident.affects', { names: listed(affected.map(named)) }) : ''
}

function named({ name, state }: Affected): string {
  return state === 'operational' || state === 'no-data' ? name : say(`affected.${state}`, { name })
}

export interface PromiseWords {
  words: string // '' where no update was promised, or none is needed
  overdue: boolean
}

/** When the next update comes. */
export function promise(
  incident: Pick<Incident, 'next_update_by' | 'resolved_at'>,
  now: number,
  zone: string,
): PromiseWords {
  if (incident.next_update_by === null || incident.resolved_at !== null) return { words: '', overdue: false }
  const due = Date.parse(incident.next_update_by)
  const time = written(due, now, zone)
  return now < due
    ? { words: `${say('incident.promise', { time })} (${until(due, now)})`, overdue: false }
    : { words: say('incident.overdue', { length: lasted(now - due), time }), overdue: true }
}

/** "Started 14:02 · detected after 40 s · resolved 16:10 (2 h 08 min)". */
export function course(incident: Incident, now: number, zone: string): string {
  const started = Date.parse(incident.started_at)
  const detected = incident.detected_at === null ? started : Date.parse(incident.detected_at)
  const resolved = incident.resolved_at === null ? null : Date.parse(incident.resolved_at)
  return [
    say('incident.started', { time: written(started, now, zone) }),
    detected > started && say('incident.detected', { length: lasted(detected - started) }),
    resolved !== null &&
      say('incident.resolved', { time: written(resolved, started, zone), length: lasted(resolved - started) }),
  ]
    .filter(Boolean)
    .join(say('list.dot'))
}

/** "2 earlier updates". */
export function earlier(number: number): string {
  return count('incident.earlier', number)
}

/** "Starts in 3 days", "In progress, ends in 40 minutes", "In progress, 25 minutes over plan". */
export function progress(work: Maintenance, now: number): string {
  const [start, end, planned] = [work.starts_at, work.ends_at, work.planned_end_at].map((text) => Date.parse(text))
  if (now < start!) return say('work.starts', { in: until(start!, now) })
  if (now >= planned! && planned! < end!) return say('work.over', { span: span(now - planned!) })
  return now < end! ? say('work.ends', { in: until(end!, now) }) : say('work.done')
}

/** "Mon 23 Nov, 22:00–23:30 (Europe/Budapest)": when a window is, and whose time that is. */
export function when(work: Maintenance, now: number, zone: string): string {
  const window = between(Date.parse(work.starts_at), Date.parse(work.ends_at), now, zone)
  return `${window} (${zoneWords(zone)})`
}

/** "Affects Email, Search · Short interruptions are possible". */
export function touches({ affected, expected }: Maintenance): string {
  const names = say('incident.affects', { names: listed(affected) })
  return `${names}${say('list.dot')}${say(`work.expected-${expected}` as Said)}`
}

/** "No incidents on the other 12 days", or ''. */
export function quiet({ calm, days }: Past): string {
  if (calm === days) return count('past.calm', days)
  return calm > 1 ? count('past.quiet', calm) : ''
}

/** "12 more incidents are not listed", or ''. */
export function more({ more: left }: Past): string {
  return left > 0 ? count('past.more', left) : ''
}
