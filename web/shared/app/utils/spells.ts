// What does a cell of a bar tell, in words? The same for the card, for screen readers, for the list and for the table.

import type { Item, Mark, Scale, Span, State } from '../api/page.ts'
import { barWords } from './downtime.ts'
import { count, listed, locale, say, type Said } from './language.ts'
import { between, clock, dayWords, lasted } from './time.ts'
import { MINUTES, type CellKind, type Minute } from './verdict.ts'

const DAY = 86_400_000
const MINUTE = 60_000

/** What all cells of a page's bars share. */
export interface Frame {
  scale: Scale | null
  first: number // start of the oldest of the past 60 minutes, epoch milliseconds
  zone: string // the reader's
  titles: ReadonlyMap<string, string> // of incidents, by id
}

export interface Told {
  when: string
  state: State
  word: string
  length: string // '' where it is of no matter
  spans: string[]
  more: number
  incidents: { id: string; title: string }[]
  answer: string
  day: string | null // as in 2026-11-24, where the cell is one
  moment: string // as in 2026-11-24T14:02Z
}

/** A minute of the past sixty. */
export function tellMinute(item: Item, at: number, { first, zone }: Frame): Told {
  const { word, state } = MINUTES[item.minutes![at] as Minute]
  const latency = item.latency[at] ?? null
  return {
    ...{ word, state, length: '', spans: [], more: 0, incidents: [], day: null },
    when: clock(first + at * MINUTE, zone),
    answer: latency === null ? '' : say('cell.answer', { n: latency }),
    moment: moment(first + at * MINUTE),
  }
}

/** A cell of another window. */
export function tellCell(item: Item, at: number, frame: Frame): Told {
  const { word, state } = MINUTES[item.bar![at] as CellKind]
  const mark = item.marks.find((one) => one.at === at)
  const { day, start, end } = cellTime(frame.scale!, at)
  const slow = item.slow[at] ?? null
  return {
    ...{ word, state, day },
    when: day === null ? between(start, end, start, frame.zone) : longDay(start),
    length: mark ? length(mark) : '',
    spans: (mark?.spans ?? []).map((span) => spanWords(span, frame.zone)),
    more: mark?.more ?? 0,
    incidents: (mark?.incidents ?? []).map((id) => ({ id, title: frame.titles.get(id) ?? say('cell.incident') })),
    answer: slow === null ? '' : say('cell.p95', { n: slow }),
    moment: mark?.spans[0]?.start.slice(0, 16).concat('Z') ?? moment(day === null ? start : start + DAY / 2),
  }
}

/** "Monday 7 September: Down, 3 h 02 min. Database failover". */
export function toldWords({ when, word, length, incidents, answer, day }: Told): string {
  const said = say('bar.named', { name: when, words: listed([word, length, day ? '' : answer].filter(Boolean)) })
  return [said, ...incidents.map(({ title }) => title)].join('. ')
}

/** A cell's day, or from when to when it is. A day's times are those of UTC: good for its name only. */
export function cellTime({ first, step_s }: Scale, at: number): { day: string | null; start: number; end: number } {
  const step = step_s === null ? DAY : step_s * 1000
  const start = Date.parse(first) + at * step
  return { day: step_s === null ? new Date(start).toISOString().slice(0, 10) : null, start, end: start + step }
}

/** "14:02–14:31 (29 min) down: no connection". */
export function spanWords({ start, end, what, reason }: Span, zone: string): string {
  const [from, to] = [Date.parse(start), Date.parse(end ?? '')]
  const since = say('span.since', { time: clock(from, zone) })
  const said =
    end === null
      ? listed([since, MINUTES[what === 'down' ? 'x' : what === 'degraded' ? 'g' : 'm'].word])
      : say(`span.${what}`, { time: `${clock(from, zone)}–${clock(to, zone)}`, length: lasted(to - from) })
  return reason ? say('cell.reason', { span: said, reason: say(`reason.${reason}` as Said) }) : said
}

/** Cells with downtime. */
export function downCells(item: Item): number[] {
  const named = new Map(item.marks.map((mark) => [mark.at, mark]))
  return [...item.bar!].flatMap((kind, at) => ((named.get(at)?.down_s ?? 0) > 0 || 'px'.includes(kind) ? [at] : []))
}

/** "4 days with downtime", "3 h 02 min with downtime", "no downtime", of the last `shown` cells. */
export function cellsSummary(item: Item, scale: Scale, shown = scale.cells): string {
  const from = scale.cells - shown
  if (/^[.z]*$/.test(item.bar!.slice(from))) return say('bar.all-silent')
  const down = downCells(item).filter((at) => at >= from)
  if (down.length === 0) return say('bar.no-downtime')
  if (scale.step_s === null) return count('bar.days', down.length)
  return say('bar.down-for', { length: lasted(downSeconds(item) * 1000) })
}

function downSeconds(item: Item): number {
  return item.sum?.down_s ?? item.marks.reduce((sum, { down_s }) => sum + down_s, 0)
}

/** What a whole bar is called, to screen readers: "API, past 90 days: 4 days with downtime". */
export function barName(item: Item, { scale }: Frame, shown: number, minutes: boolean): string {
  const { name } = item
  if (minutes || scale === null) return say('bar.60m', { name, words: barWords(item.minutes!) })
  const words = cellsSummary(item, scale, shown)
  if (shown === scale.cells) return say(`bar.${scale.zoom}`, { name, words })
  return say('bar.named', { name: listed([name, count('bar.shown', shown)]), words })
}

/** One line for each day, or stretch of a day, with downtime; and where to read more. */
export function downtimeLinks(item: Item, { scale, zone }: Frame): { words: string; href: string }[] {
  if (scale!.step_s === null) {
    return downCells(item)
      .reverse()
      .map((at) => {
        const { day, start } = cellTime(scale!, at)
        const mark = item.marks.find((one) => one.at === at)
        const name = dayWords(start, 'UTC')
        const words = mark ? say('bar.day', { day: name, length: lasted(mark.down_s * 1000) }) : name
        return { words, href: `day/${day}` }
      })
  }
  const spans = new Map<string, Span>()
  for (const span of item.marks.flatMap((mark) => mark.spans)) if (span.what === 'down') spans.set(span.start, span)
  return [...spans.values()].map((span) => ({
    words: spanWords(span, zone),
    href: `./@${span.start.slice(0, 16)}Z`,
  }))
}

function length({ down_s, degraded_s, maintenance_s }: Mark): string {
  const seconds = down_s || degraded_s || maintenance_s
  return seconds > 0 ? lasted(seconds * 1000) : ''
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`
}

/** "Monday 7 September". */
function longDay(start: number): string {
  const parts = { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(locale(), parts).format(start)
}
