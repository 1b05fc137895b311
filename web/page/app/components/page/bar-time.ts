// What do all rows of a page share? Their sixty minutes, the zone these are read in, the labels below them, and now.

import type { Tick } from '#layer/utils/ticks'

export interface BarTime {
  first: number // start of the oldest minute, epoch milliseconds
  now: number
  zone: string
  ticks: readonly Tick[]
}
