// Which word and class does a state have, and which word a minute? The only place that knows.

import type { State } from '../api/page.ts'

export const STATES: Record<State, string> = {
  operational: 'Operational',
  'no-data': 'No data',
  maintenance: 'Under maintenance',
  degraded: 'Degraded',
  partial: 'Partial outage',
  major: 'Major outage',
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
