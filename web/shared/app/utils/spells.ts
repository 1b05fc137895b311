// What does a cell of a bar tell, in words? The same for the card, for screen readers, for the list and for the table.
// Loaded once the page stands.

import type { Item, Mark, Span, State } from '../api/page.ts'
import { cellTime, downCells, type Frame } from './bar-names.ts'
import { listed, locale, say, type Said } from './language.ts'
import { between, clock, dayWords, lasted } from './time.ts'
import { MINUTES, type CellKind, type Minute } from './verdict.ts'

const DAY = 86_400_000
const MINUTE = 60_000

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
