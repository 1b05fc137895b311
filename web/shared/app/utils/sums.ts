// How does a percentage come about, in a sentence? From the seconds of its window. golden/languages.json holds both sides.

import type { Sum } from '../api/page.ts'
import { number, percent, say } from './language.ts'
import { lasted } from './time.ts'

/** "4 h 12 min down of 2,160 h; 6 h maintenance excluded; 99.98% of the time observed". */
export function sumWords(sum: Sum, coverage: string | null | undefined): string {
  const known = hours(sum.known_s)
  const excluded = [
    ['sum.maintenance', sum.maintenance_s],
    ['sum.unknown', sum.unknown_s],
    ['sum.paused', sum.paused_s],
  ] as const
  return [
    sum.down_s > 0 ? say('sum.down', { down: hours(sum.down_s), known }) : say('sum.none', { known }),
    ...excluded.map(([key, seconds]) => seconds > 0 && say(key, { length: hours(seconds) })),
    coverage && Number(coverage) < 100 && say('sum.coverage', { percent: percent(coverage) }),
  ]
    .filter(Boolean)
    .join(say('list.semicolon'))
}

/** "4 h 12 min", "2,160 h": a length that is compared with others, never in days. */
function hours(seconds: number): string {
  const [h, min] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (h === 0) return lasted(seconds * 1000)
  if (min === 0) return say('length.hours-only', { h: number(h) })
  return say('length.hours', { h: number(h), min: String(min).padStart(2, '0') })
}
