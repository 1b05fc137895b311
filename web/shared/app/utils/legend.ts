// One cell of each kind of minute, and one of each step of answer time: what the legend shows.

import type { Minute } from './verdict.ts'
import { LATENCY_STEPS, waterline, type Mark } from './waterline.ts'

const REST = '_'.repeat(59) // no kind of minute: draws nothing

export const LEGEND_CELLS: { minute: Minute; marks: Mark[] }[] = ([...'ugpx.'] as Minute[]).map((minute) => ({
  minute,
  marks: waterline(minute + REST),
}))

export const LEGEND_RAMP: Mark[] = waterline('', [0, ...LATENCY_STEPS])
