// What does a bar say in words? For screen readers, and for everybody as a list.

import { count, listed, say } from './language.ts'
import { clock, lasted } from './time.ts'
import { CELLS } from './waterline.ts'

const MINUTE_MS = 60_000

/** Was there downtime in the past 60 minutes? Without those nobody can tell, and nothing is claimed. */
export function isDowntime(minutes: string | null | undefined): boolean {
  return /[px]/.test(minutes ?? '')
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
  const parts = [
    ['bar.up', /[ugp]/g],
    ['bar.downtime', /[px]/g],
    ['bar.silent', /\./g],
  ] as const
  return listed(
    parts
      .map(([key, kinds]) => [key, minutes.match(kinds)?.length ?? 0] as const)
      .filter(([, number]) => number > 0)
      .map(([key, number]) => count(key, number)),
  )
}

/** "2 minutes with downtime", or null when there was none. */
export function downtimeSummary(minutes: string): string | null {
  const down = minutes.match(/[px]/g)?.length ?? 0
  return down === 0 ? null : count('bar.downtime', down)
}

/** "14:02–14:04 (2 min) down", one line for each stretch of equal minutes. `first` as of `firstMinute`. */
export function downtimeList(minutes: string, first: number, zone: string): string[] {
  return [...minutes.matchAll(/p+|x+/g)].map((stretch) => {
    const start = first + stretch.index * MINUTE_MS
    const length = stretch[0].length * MINUTE_MS
    return say(stretch[0][0] === 'p' ? 'span.partial' : 'span.down', {
      time: `${clock(start, zone)}–${clock(start + length, zone)}`,
      length: lasted(length),
    })
  })
}
