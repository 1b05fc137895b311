// Which quarters of an hour are written below a bar, and where?

import { minuteStart } from './downtime.ts'
import { clock } from './time.ts'
import { CELLS } from './waterline.ts'

export interface Tick {
  x: string
  words: string
  edge: 'at-start' | 'at-end' | undefined
}

/** ":15" at each minute that begins a quarter in that zone. */
export function ticks(generatedAt: number, zone: string): Tick[] {
  return Array.from({ length: CELLS }, (_, i) => ({ i, minute: clock(minuteStart(generatedAt, i), zone).slice(-2) }))
    .filter(({ minute }) => Number(minute) % 15 === 0)
    .map(({ i, minute }) => ({
      x: `${Number(((i / CELLS) * 100).toFixed(2))}%`,
      words: `:${minute}`,
      edge: i < 2 ? 'at-start' : i > CELLS - 3 ? 'at-end' : undefined,
    }))
}
