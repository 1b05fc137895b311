// Which quarters of an hour are written below a bar, and where?

import { minuteStart } from './downtime.ts'
import { clock } from './time.ts'
import { CELLS } from './waterline.ts'

const QUARTER = 900_000 // milliseconds: zones are whole quarters of an hour apart

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

/** "18:00" at each sixth full hour of that zone below cells that are shorter than a day. */
export function hourTicks(first: number, scale: { cells: number; step_s: number | null }, zone: string): Tick[] {
  const length = scale.cells * (scale.step_s ?? 0) * 1000
  const found: Tick[] = []
  for (let at = Math.ceil(first / QUARTER) * QUARTER; at < first + length; at += QUARTER) {
    const words = clock(at, zone)
    if (!/(00|06|12|18):00/.test(words)) continue
    const share = (at - first) / length
    const x = `${Number((share * 100).toFixed(2))}%`
    found.push({ x, words, edge: share < 0.03 ? 'at-start' : share > 0.97 ? 'at-end' : undefined })
  }
  return found
}
