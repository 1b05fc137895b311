// Which word and class does a state have, and which word a minute? The only place that knows.

import type { Item, State } from '../api/page.ts'
import { written } from './time.ts'

export const STATES: Record<State, string> = {
  operational: 'Operational',
  'no-data': 'No data',
  maintenance: 'Under maintenance',
  degraded: 'Degraded',
  partial: 'Partial outage',
  major: 'Major outage',
}

/** A service's state in words; of old data with its time. */
export function stateWords(item: Item, now: number, zone: string): string {
  if (item.state !== 'no-data') return STATES[item.state]
  if (item.paused) return 'Paused'
  return item.quiet && item.checked_at !== null
    ? `No data since ${written(Date.parse(item.checked_at), now, zone)}`
    : STATES['no-data']
}

/** What a minute of a bar is: up, degraded, up and down, down, no data. */
export type Minute = 'u' | 'g' | 'p' | 'x' | '.'

export const MINUTES: Record<Minute, { word: string; state: State }> = {
  u: { word: 'Up', state: 'operational' },
  g: { word: 'Degraded', state: 'degraded' },
  p: { word: 'Partly down', state: 'partial' },
  x: { word: 'Down', state: 'major' },
  '.': { word: 'No data', state: 'no-data' },
}

export function stateClass(state: State): string {
  return `is-${state}`
}
