// Where does each mark of a bar of days, or of parts of a day, stand? As waterline.ts has it for minutes, and besides: the
// longer something lasted, the deeper it hangs; work that was announced is an outline; the last cell ends at "now".

import type { Mark as Told } from '../api/page.ts'
import { PITCH, runs, strip, strokes, type Mark } from './waterline.ts'

export const CELLS_HEIGHT = 58 // above the line 23 and the line 2 and below it 20, the incidents' dots, the answer times

const STRIP_DOWN = 6 // the strip of answer times stands so much lower than below minutes
const DAY_S = 86_400
const WHOLE = 0.95 // of a cell that was something else: nothing worked in it. Leaves room for days of 23 hours

export interface Cells {
  bar: string // a character a cell, as in Item
  marks: readonly Told[]
  slow: readonly (number | null)[] // milliseconds
  step_s: number | null // null: a day
  part: number // of the last cell that has passed, 0…1
}

/** The paths of one bar in drawing order, empty ones left out. */
export function cells({ bar, marks, slow, step_s, part }: Cells): Mark[] {
  const step = step_s ?? DAY_S
  const told = new Map(marks.map((mark) => [mark.at, mark]))
  const last = bar.length - 1
  const width = Math.max(1, Math.floor(6 * part + 0.5)) // of the last cell
  const above = [...bar].map((kind, at) => aboveLine(kind, told.get(at), step * (at === last ? part : 1)))
  const dashes = (wanted: string, y: number) =>
    strokes(
      runs(above.slice(0, last), (kind) => kind === wanted),
      y,
    ) + (above[last] === wanted ? `M${PITCH * last + 1} ${y}h${width}` : '')
  const hanging = [...bar].map((kind, at) => belowLine(kind, told.get(at), step))
  return [
    { kind: 'w-up', d: dashes('up', 11.5) },
    {
      kind: 'w-work',
      d: above.map((kind, at) => (kind === 'work' ? outline(at, at === last ? width : 6) : '')).join(''),
    },
    { kind: 'w-degraded', d: hanging.map((below, at) => rungs(at, below)).join('') },
    { kind: 'w-partial', d: hanging.map((below, at) => (below.whole ? '' : block(at, below))).join('') },
    { kind: 'w-down', d: hanging.map((below, at) => (below.whole ? block(at, below) : '')).join('') },
    { kind: 'w-none', d: dashes('none', 23.5) },
    { kind: 'w-now', d: part < 1 ? `M${PITCH * last + 1 + width} 0V25` : '' },
    { kind: 'w-dot', d: marks.map(({ at, incidents }) => (incidents.length > 0 ? dot(at) : '')).join('') },
    ...strip(slow, STRIP_DOWN),
  ].filter((mark) => mark.d !== '')
}

type Above = 'up' | 'work' | 'none' | ''

function aboveLine(kind: string, mark: Told | undefined, seconds: number): Above {
  if (kind === '.' || kind === 'z') return 'none'
  if (kind === 'm' || (mark && mark.maintenance_s > 0)) return 'work'
  if (kind !== 'x') return 'up'
  return mark && mark.down_s + mark.unknown_s < WHOLE * seconds ? 'up' : ''
}

interface Below {
  degraded: number // units deep, 0 for none
  down: number
  whole: boolean // all that is seen was down: a block; else a wedge
}

function belowLine(kind: string, mark: Told | undefined, step: number): Below {
  const seconds = (named: number | undefined, kinds: string) => named || (kinds.includes(kind) ? step : 0)
  return {
    degraded: depth(seconds(mark?.degraded_s, 'g'), step),
    down: depth(seconds(mark?.down_s, 'px'), step),
    whole: kind !== 'p',
  }
}

/** How deep it hangs: 4 for next to nothing, 20 for a whole cell, by the logarithm of its minutes. */
export function depth(seconds: number, step: number): number {
  return seconds > 0 ? Math.floor(4 + (16 * Math.log(1 + seconds / 60)) / Math.log(1 + step / 60) + 0.5) : 0
}

/** Three thin rungs; close together where something worse hangs below them. */
function rungs(at: number, { degraded, down }: Below): string {
  if (degraded === 0) return ''
  const apart = down > 0 ? 3 : (Math.max(8, degraded) - 2) / 2
  return [0, 1, 2].map((rung) => `M${PITCH * at + 1} ${26 + apart * rung}h6`).join('')
}

function block(at: number, { degraded, down, whole }: Below): string {
  if (down === 0) return ''
  const top = degraded > 0 ? 34 : 25
  const tall = Math.max(3, 25 + down - top)
  return `M${PITCH * at + 1} ${top}h6${whole ? `v${tall}h-6` : `l-3 ${tall}`}z`
}

function outline(at: number, width: number): string {
  return width < 3 ? `M${PITCH * at + 1} 0v23` : `M${PITCH * at + 1.75} .75h${width - 1.5}v21.5h-${width - 1.5}z`
}

function dot(at: number): string {
  return `M${PITCH * at + 3} 47h2`
}

/** One bar for several of one length: each cell as its worst one, and how long that was at most. */
export function combined(parts: readonly { bar: string; marks: readonly Told[] }[]): { bar: string; marks: Told[] } {
  const length = Math.max(0, ...parts.map(({ bar }) => bar.length))
  const bar = Array.from({ length }, (_, at) => worst(parts.map((part) => part.bar[at] ?? '.'))).join('')
  const marks = new Map<number, Told>()
  for (const mark of parts.flatMap((part) => part.marks)) {
    const known = marks.get(mark.at)
    marks.set(mark.at, {
      at: mark.at,
      spans: [],
      more: 0,
      down_s: Math.max(mark.down_s, known?.down_s ?? 0),
      degraded_s: Math.max(mark.degraded_s, known?.degraded_s ?? 0),
      maintenance_s: bar[mark.at] === 'm' ? 1 : 0,
      unknown_s: 0,
      incidents: [...new Set([...(known?.incidents ?? []), ...mark.incidents])],
    })
  }
  return { bar, marks: [...marks.values()].sort((one, other) => one.at - other.at) }
}

/** Partly down where some were down and others were not. */
function worst(column: readonly string[]): string {
  const found = [...'xpgmu.z'].find((kind) => column.includes(kind)) ?? '.'
  return found === 'x' && column.some((kind) => 'ugm'.includes(kind)) ? 'p' : found
}
