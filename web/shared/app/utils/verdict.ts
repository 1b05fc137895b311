// Which word and class does a state have, and which word a cell of a bar? The only place that knows.

import type { Item, State } from '../api/page.ts'
import { say } from './language.ts'
import { written } from './time.ts'

/** A state in a word or two. */
export function stateWord(state: State): string {
  return say(`state.${state}`)
}

/** A service's state in words; of old data with its time. */
export function stateWords(item: Item, now: number, zone: string): string {
  const words = confirmed(item, now, zone)
  return item.checking ? say('state.checking', { state: words }) : words
}

function confirmed(item: Item, now: number, zone: string): string {
  if (item.state !== 'no-data') return stateWord(item.state)
  if (item.paused) return say('state.paused')
  return item.quiet && item.checked_at !== null
    ? say('state.since', { time: written(Date.parse(item.checked_at), now, zone) })
    : stateWord(item.state)
}

/** What a minute of a bar is: up, degraded, up and down, down, no data. */
export type Minute = 'u' | 'g' | 'p' | 'x' | '.'

/** What a longer cell may be too: maintenance, paused. */
export type CellKind = Minute | 'm' | 'z'

interface Kind {
  readonly word: string
  readonly state: State
}

const kind = (key: 'u' | 'g' | 'p' | 'x' | 'm' | 'z' | 'none', state: State): Kind => ({
  get word() {
    return say(`cell.${key}`) // when asked: the language may not be known yet when this file is read
  },
  state,
})

export const MINUTES: Record<CellKind, Kind> = {
  u: kind('u', 'operational'),
  g: kind('g', 'degraded'),
  p: kind('p', 'partial'),
  x: kind('x', 'major'),
  m: kind('m', 'maintenance'),
  z: kind('z', 'no-data'),
  '.': kind('none', 'no-data'),
}

export function stateClass(state: State): string {
  return `is-${state}`
}
