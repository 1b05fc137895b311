// What do all bars of a page share? Their sixty minutes, the zone they are read in, and the labels below them.

import type { Tick } from '#layer/utils/ticks'

export interface BarTime {
  first: number // start of the oldest minute, epoch milliseconds
  zone: string
  ticks: readonly Tick[]
}
