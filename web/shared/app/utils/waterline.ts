// Where does each mark of a bar stand? Sixty cells of 8 units: what worked stands above the line, downtime hangs below.
// A run of equal minutes is one stroke, cut into cells by the dashes of page.css, so that hundreds of bars stay small.

import type { Minute } from './verdict.ts'

export const CELLS = 60
export const PITCH = 8
export const HEIGHT = 52 // above the line 23 and the line 2 and below it 16 and last the strip of answer times

/** Upper bounds in milliseconds of all steps of the answer-time strip but the last. */
export const LATENCY_STEPS = [50, 100, 200, 500, 1000]

const RUNGS = [26, 30, 34]
const STRIP = [50.5, 50, 49.5, 49, 48.5, 48] // a slower step stands taller

export interface Mark {
  kind: string
  d: string
}

/** The paths of one bar in drawing order, empty ones left out. `minutes` has 60 characters, oldest first. */
export function waterline(minutes: string, latency: readonly (number | null)[] = []): Mark[] {
  const kinds = [...minutes] as Minute[]
  const degraded = runs(kinds, (kind) => kind === 'g')
  return [
    {
      kind: 'w-up',
      d: strokes(
        runs(kinds, (kind) => kind === 'u' || kind === 'g' || kind === 'p'),
        11.5,
      ),
    },
    { kind: 'w-degraded', d: RUNGS.map((y) => strokes(degraded, y)).join('') },
    { kind: 'w-partial', d: kinds.map((kind, i) => (kind === 'p' ? `M${PITCH * i + 1} 25h6l-3 16z` : '')).join('') },
    {
      kind: 'w-major',
      d: strokes(
        runs(kinds, (kind) => kind === 'x'),
        33,
      ),
    },
    {
      kind: 'w-none',
      d: strokes(
        runs(kinds, (kind) => kind === '.'),
        23.5,
      ),
    },
    ...strip(latency),
  ].filter((mark) => mark.d !== '')
}

/** The strip of answer times, a path a step; `down` units lower than below minutes. */
export function strip(latency: readonly (number | null)[], down = 0): Mark[] {
  const steps = latency.map(latencyStep)
  return STRIP.map((y, step) => ({
    kind: `w-l${step}`,
    d: strokes(
      runs(steps, (own) => own === step),
      y + down,
    ),
  }))
}

/** The step of the answer-time strip, 0 fastest … 5 slowest; null without an answer. */
export function latencyStep(milliseconds: number | null): number | null {
  return milliseconds === null ? null : LATENCY_STEPS.filter((bound) => milliseconds >= bound).length
}

/** One bar for several: each minute as its worst one. */
export function worstMinutes(bars: readonly string[]): string {
  const order = 'xpgu.'
  return Array.from({ length: CELLS }, (_, i) =>
    bars.reduce<string>((worst, bar) => (order.indexOf(bar[i]!) < order.indexOf(worst) ? bar[i]! : worst), '.'),
  ).join('')
}

/** Stretches of neighbours that belong, each as [first, behind the last]. */
export function runs<T>(cells: readonly T[], belongs: (cell: T) => boolean): [number, number][] {
  const found: [number, number][] = []
  cells.forEach((cell, i) => {
    if (!belongs(cell)) return
    const last = found.at(-1)
    if (last?.[1] === i) last[1] = i + 1
    else found.push([i, i + 1])
  })
  return found
}

/** A run as one stroke. */
export function strokes(found: readonly [number, number][], y: number): string {
  return found.map(([start, end]) => `M${PITCH * start + 1} ${y}H${PITCH * end - 1}`).join('')
}
