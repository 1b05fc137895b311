// What is a bar called, and how are its cells counted and timed?

import type { Item, Scale } from '../api/page.ts'
import { barWords } from './downtime.ts'
import { count, listed, say } from './language.ts'
import { lasted } from './time.ts'

const DAY = 86_400_000

/** What all cells of a page's bars share. */
export interface Frame {
  scale: Scale | null
  first: number // start of the oldest of the past 60 minutes, epoch milliseconds
  zone: string // the reader's
  titles: ReadonlyMap<string, string> // of incidents, by id
}

/** A cell's day, or from when to when it is. A day's times are those of UTC: good for its name only. */
export function cellTime({ first, step_s }: Scale, at: number): { day: string | null; start: number; end: number } {
  const step = step_s === null ? DAY : step_s * 1000
  const start = Date.parse(first) + at * step
  return { day: step_s === null ? new Date(start).toISOString().slice(0, 10) : null, start, end: start + step }
}

/** Cells with downtime. */
export function downCells(item: Item): number[] {
  const named = new Map(item.marks.map((mark) => [mark.at, mark]))
  return [...item.bar!].flatMap((kind, at) => ((named.get(at)?.down_s ?? 0) > 0 || 'px'.includes(kind) ? [at] : []))
}

/** "4 days with downtime", "3 h 02 min with downtime", "no downtime", of the last `shown` cells. */
export function cellsSummary(item: Item, scale: Scale, shown = scale.cells): string {
  const from = scale.cells - shown
  if (/^[.z]*$/.test(item.bar!.slice(from))) return say('bar.all-silent')
  const down = downCells(item).filter((at) => at >= from)
  if (down.length === 0) return say('bar.no-downtime')
  if (scale.step_s === null) return count('bar.days', down.length)
  return say('bar.down-for', { length: lasted(downSeconds(item) * 1000) })
}

function downSeconds(item: Item): number {
  return item.sum?.down_s ?? item.marks.reduce((sum, { down_s }) => sum + down_s, 0)
}

/** What a whole bar is called, to screen readers: "API, past 90 days: 4 days with downtime". */
export function barName(item: Item, { scale }: Frame, shown: number, minutes: boolean): string {
  const { name } = item
  if (minutes || scale === null) return say('bar.60m', { name, words: barWords(item.minutes!) })
  const words = cellsSummary(item, scale, shown)
  if (shown === scale.cells) return say(`bar.${scale.zoom}`, { name, words })
  return say('bar.named', { name: listed([name, count('bar.shown', shown)]), words })
}
