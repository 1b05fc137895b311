// What does a bar say in words? For screen readers, and for everybody as a list.

import { CELLS } from './waterline.ts'
import { MINUTES, type Minute } from './verdict.ts'
import { clock } from './time.ts'

const MINUTE_MS = 60_000

export function isDowntime(minutes: string): boolean {
  return /[px]/.test(minutes)
}

/** Start of the bar's first minute in epoch milliseconds; its last minute is the one that `generatedAt` lies in. */
export function firstMinute(generatedAt: number): number {
  return Math.floor(generatedAt / MINUTE_MS) * MINUTE_MS - (CELLS - 1) * MINUTE_MS
}

export function minuteStart(generatedAt: number, index: number): number {
  return firstMinute(generatedAt) + index * MINUTE_MS
}

/** "58 minutes up, 2 minutes with downtime": a whole bar. */
export function barWords(minutes: string): string {
  const parts: [RegExp, string][] = [
    [/[ugp]/g, 'up'],
    [/[px]/g, 'with downtime'],
    [/\./g, 'without data'],
  ]
  return parts
    .map(([kinds, words]) => [minutes.match(kinds)?.length ?? 0, words] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${plural(count)} ${words}`)
    .join(', ')
}

/** "2 minutes with downtime", or null when there was none. */
export function downtimeSummary(minutes: string): string | null {
  const count = minutes.match(/[px]/g)?.length ?? 0
  return count === 0 ? null : `${plural(count)} with downtime`
}

/** "14:02–14:04 (2 min) down", one line for each stretch of equal minutes. `first` as of `firstMinute`. */
export function downtimeList(minutes: string, first: number, zone: string): string[] {
  return [...minutes.matchAll(/p+|x+/g)].map((stretch) => {
    const [start, length] = [first + stretch.index * MINUTE_MS, stretch[0].length]
    const span = `${clock(start, zone)}–${clock(start + length * MINUTE_MS, zone)}`
    return `${span} (${length} min) ${MINUTES[stretch[0][0] as Minute].word.toLowerCase()}`
  })
}

function plural(count: number): string {
  return count === 1 ? '1 minute' : `${count} minutes`
}
