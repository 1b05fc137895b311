// What do all rows of a page share? What their cells are, the labels below them, how many of them there is room for, and now.

import type { PageDocument } from '#layer/api/page'
import { firstMinute } from '#layer/utils/downtime'
import type { Frame } from '#layer/utils/bar-names'
import { hourTicks, ticks, type Tick } from '#layer/utils/ticks'
import { clock } from '#layer/utils/time'

export interface BarTime extends Frame {
  now: number
  pages: string // the page's zone, which decides where days begin
  part: number // of the last cell that has passed, 0…1
  shown: number // cells, the last ones; the others find no room
  minuteTicks: readonly Tick[]
  ticks: readonly Tick[] // below other cells than days
}

/** What the rows of a document share; `room` in pixels for a group. */
export function barTime(document: PageDocument, now: number, zone: string, room: number): BarTime {
  const generated = Date.parse(document.generated_at)
  const { scale = null } = document
  const { timezone } = document.page
  const past = document.past?.listed.flatMap(({ incidents }) => incidents) ?? []
  return {
    scale,
    first: firstMinute(generated),
    zone,
    titles: new Map([...document.incidents, ...past].map(({ id, title }) => [id, title])),
    now,
    pages: timezone,
    part: scale === null ? 1 : partOf(scale.first, scale.cells, scale.step_s, generated, timezone),
    shown: scale === null ? 60 : scale.step_s === null ? daysShown(room, scale.cells) : scale.cells,
    minuteTicks: ticks(generated, zone),
    ticks: scale === null || scale.step_s === null ? [] : hourTicks(Date.parse(scale.first), scale, zone),
  }
}

function partOf(first: string, cells: number, step: number | null, generated: number, zone: string): number {
  if (step === null) {
    const [hours, minutes] = clock(generated, zone).split(':').map(Number)
    return (hours! * 60 + minutes!) / 1440
  }
  const passed = (generated - Date.parse(first)) / 1000 / step - (cells - 1)
  return Math.max(0, Math.min(1, passed))
}

/** As page.css cuts the bars, by the width of a group. */
export function daysShown(room: number, cells: number): number {
  return Math.min(cells, room >= 588 ? 90 : room >= 414 ? 60 : 30)
}
