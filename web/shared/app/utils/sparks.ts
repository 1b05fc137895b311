// How are the answer times of a day drawn, in little? A band from p50 to p95 and a line at p50, hour by hour; nothing is
// smoothed, and hours without an answer are gaps.

import type { Spark } from '../api/page.ts'
import { runs } from './waterline.ts'

const HOUR = 7 // units wide

export const SPARK_BOX = `0 0 ${23 * HOUR} 28`

export interface SparkPaths {
  band: string
  line: string
  p50: number // that of the slowest hour, milliseconds: all others kept within it
  p95: number
}

/** Null without any answer. */
export function sparkPaths({ p50, p95 }: Spark): SparkPaths | null {
  const most = (values: readonly (number | null)[]) => Math.max(...values.map((value) => value ?? -1))
  const top = most([...p50, ...p95])
  if (top < 0) return null
  const y = (value: number) => Math.floor(27.5 - (26 * value) / Math.max(1, top)) // whole units keep the page small
  const points = (values: readonly (number | null)[], hours: number[]) =>
    hours.map((hour) => `${HOUR * hour} ${y(values[hour]!)}`).join('L')
  let [band, line] = ['', '']
  for (const [start, end] of runs(p50, (value) => value !== null)) {
    const hours = Array.from({ length: end - start }, (_, at) => start + at)
    line += `M${points(p50, hours)}${hours.length === 1 ? 'h0' : ''}`
    const high = hours.filter((hour) => p95[hour] !== null && p95[hour] !== undefined)
    if (high.length > 1) band += `M${points(p50, high)}L${points(p95, high.reverse())}z`
  }
  return { band, line, p50: most(p50), p95: most(p95) }
}
