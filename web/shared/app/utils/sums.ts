// How does a percentage come about, in a sentence? From the seconds of its window.

import type { Sum } from '../api/page.ts'
import { percent, say } from './language.ts'
import { lasted } from './time.ts'

/** "4 h 12 min down of 89 d 22 h; 6 h 00 min maintenance excluded; 99.98% of the time observed". */
export function sumWords(sum: Sum, coverage: string | null | undefined): string {
  const length = (seconds: number) => lasted(seconds * 1000)
  const known = length(sum.known_s)
  return [
    sum.down_s > 0 ? say('sum.down', { down: length(sum.down_s), known }) : say('sum.none', { known }),
    sum.maintenance_s > 0 && say('sum.maintenance', { length: length(sum.maintenance_s) }),
    sum.unknown_s > 0 && say('sum.unknown', { length: length(sum.unknown_s) }),
    coverage && Number(coverage) < 100 && say('sum.coverage', { percent: percent(coverage) }),
  ]
    .filter(Boolean)
    .join(say('list.semicolon'))
}
