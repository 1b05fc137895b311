// What does a service's chart draw? The server's figures as uPlot wants them; gaps stay gaps. Pure.

export interface ChartData {
  start: number // epoch seconds of the first step
  step: number // seconds
  lines: Record<Line, (number | null)[]> // milliseconds, and checks that failed
  words: Record<string, string> // in the page's language
  bands: [start: number, end: number | null, what: 'incident' | 'maintenance', title: string][]
}

export const PERCENTILES = ['p50', 'p95', 'p99'] as const
export const PHASES = ['dns', 'connect', 'tls', 'ttfb'] as const
export type Line = (typeof PERCENTILES)[number] | (typeof PHASES)[number] | 'failed'

/** The moments of the steps, epoch seconds. */
export function moments({ start, step, lines }: ChartData): number[] {
  return lines.p50.map((_, at) => start + at * step)
}

/** Phases one upon the other: each line is the sum up to its phase, null where there was no answer at all. */
export function stacked(lines: ChartData['lines']): (number | null)[][] {
  const heights = lines.p50.map(() => 0)
  return PHASES.map((phase) =>
    lines[phase].map((value, at) => {
      heights[at]! += value ?? 0
      return PHASES.some((one) => lines[one][at] !== null) ? heights[at]! : null
    }),
  )
}

/** Which of the lines has anything to draw. */
export function isEmpty(values: readonly (number | null)[]): boolean {
  return values.every((value) => value === null)
}
