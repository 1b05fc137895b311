// How is an incident, or work that was announced, told in a few words? golden/telling.json holds it for both sides.

import type { Affected, Incident, Maintenance, Past, State } from '../api/page.ts'
import { between, count, lasted, span, written } from './time.ts'

export const STATUSES: Record<string, string> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
}

export const EXPECTED: Record<string, string> = {
  none: 'No downtime expected',
  brief: 'Short interruptions are possible',
  down: 'Not available meanwhile',
}

const AFFECTED: Partial<Record<State, string>> = {
  degraded: 'degraded',
  partial: 'partial outage',
  major: 'major outage',
  maintenance: 'under maintenance',
}

/** Updates of an incident that are shown at once; older ones are folded. */
export const SHOWN = 3

/** "Affects API (partial outage), Webhooks", or ''. */
export function affects(affected: readonly Affected[]): string {
  const names = affected.map(({ name, state }) => (AFFECTED[state] ? `${name} (${AFFECTED[state]})` : name))
  return names.length > 0 ? `Affects ${names.join(', ')}` : ''
}

export interface PromiseWords {
  words: string // '' where no update was promised, or none is needed
  overdue: boolean
}

/** When the next update comes. */
export function promise(incident: Incident, now: number, zone: string): PromiseWords {
  if (incident.next_update_by === null || incident.resolved_at !== null) return { words: '', overdue: false }
  const due = Date.parse(incident.next_update_by)
  const time = written(due, now, zone)
  return now < due
    ? { words: `Next update by ${time}`, overdue: false }
    : { words: `Update overdue by ${lasted(now - due)}, it was due at ${time}`, overdue: true }
}

/** "Started 14:02 · detected after 40 s · resolved 16:10 (2 h 08 min)". */
export function course(incident: Incident, now: number, zone: string): string {
  const started = Date.parse(incident.started_at)
  const detected = incident.detected_at === null ? started : Date.parse(incident.detected_at)
  const resolved = incident.resolved_at === null ? null : Date.parse(incident.resolved_at)
  return [
    `Started ${written(started, now, zone)}`,
    detected > started && `detected after ${lasted(detected - started)}`,
    resolved !== null && `resolved ${written(resolved, started, zone)} (${lasted(resolved - started)})`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** "2 earlier updates". */
export function earlier(number: number): string {
  return count(number, 'earlier update')
}

/** "Starts in 3 days", "In progress, ends in 40 minutes", "In progress, 25 minutes over plan". */
export function progress(work: Maintenance, now: number): string {
  const [start, end, planned] = [work.starts_at, work.ends_at, work.planned_end_at].map((text) => Date.parse(text))
  if (now < start!) return `Starts in ${span(start! - now)}`
  if (now >= planned! && planned! < end!) return `In progress, ${span(now - planned!)} over plan`
  return now < end! ? `In progress, ends in ${span(end! - now)}` : 'Completed'
}

/** "Mon 23 Nov, 22:00–23:30 (Europe/Budapest)": when a window is, and whose time that is. */
export function when(work: Maintenance, now: number, zone: string): string {
  const window = between(Date.parse(work.starts_at), Date.parse(work.ends_at), now, zone)
  return `${window} (${zone.replaceAll('_', ' ')})`
}

/** "Affects Email, Search · Short interruptions are possible". */
export function touches({ affected, expected }: Maintenance): string {
  return `Affects ${affected.join(', ')} · ${EXPECTED[expected]}`
}

/** "No incidents on the other 12 days", or ''. */
export function quiet({ calm, days }: Past): string {
  if (calm === days) return `No incidents in the last ${days} days`
  return calm > 1 ? `No incidents on the other ${calm} days` : ''
}

/** "12 more incidents are not listed", or ''. */
export function more({ more: left }: Past): string {
  return left > 0 ? `${count(left, 'more incident')} ${left === 1 ? 'is' : 'are'} not listed` : ''
}
