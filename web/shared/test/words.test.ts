import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { Headline, Incident, Item, Maintenance, Past, State } from '../app/api/page'
import { barWords, downtimeList, downtimeSummary } from '../app/utils/downtime'
import { bannerWords, groupWords, tabTitle } from '../app/utils/headline'
import { affects, course, earlier, more, progress, promise, quiet, touches, when } from '../app/utils/telling'
import { ticks } from '../app/utils/ticks'
import { ago, between, lasted, namedDay, written } from '../app/utils/time'
import { stateWord } from '../app/utils/verdict'
import { waterline, worstMinutes } from '../app/utils/waterline'

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../golden', `${name}.json`), 'utf8')) as T
}

interface HeadlineCase {
  title: string
  headline: Headline
  downtime: string[]
  words: string
  detail: string
  tab: string
}

const GOLDEN_NOW = Date.parse('2026-11-24T03:00:00Z') // when the golden headlines are said

describe('the words both sides share', () => {
  it.each(golden<HeadlineCase[]>('headlines'))('banner and tab say "$words" / "$detail"', (row) => {
    expect(bannerWords(row.headline, row.downtime, GOLDEN_NOW)).toEqual({ words: row.words, detail: row.detail })
    expect(tabTitle(row.title, row.headline)).toBe(row.tab)
  })

  it('each state has its word', () => {
    const states = golden<Record<State, string>>('states')
    for (const [state, word] of Object.entries(states)) expect(stateWord(state as State)).toBe(word)
  })

  it.each(
    golden<{ first: string; zone: string; minutes: string; summary: string | null; list: string[]; label: string }[]>(
      'downtime',
    ),
  )('a bar reads "$label" in $zone', (row) => {
    expect(barWords(row.minutes)).toBe(row.label)
    expect(downtimeSummary(row.minutes)).toBe(row.summary)
    expect(downtimeList(row.minutes, Date.parse(row.first), row.zone)).toEqual(row.list)
  })

  it.each(golden<{ minutes: string; latency: (number | null)[]; paths: [string, string][] }[]>('waterline'))(
    'the bar of $minutes is drawn alike',
    (row) => {
      expect(waterline(row.minutes, row.latency).map(({ kind, d }) => [kind, d])).toEqual(row.paths)
    },
  )
})

interface Times {
  now: string
  moments: { moment: string; zone: string; written: string; ago: string }[]
  lasted: [number, string][]
  between: { start: string; end: string; zone: string; words: string }[]
  days: { day: string; zone: string; words: string }[]
}

describe('times', () => {
  const times = golden<Times>('times')
  const now = Date.parse(times.now)

  it.each(times.moments)('$moment in $zone is written "$written"', (row) => {
    expect(written(Date.parse(row.moment), now, row.zone)).toBe(row.written)
    expect(ago(Date.parse(row.moment), now)).toBe(row.ago)
  })

  it.each(times.lasted)('%d s lasted "%s"', (seconds, words) => {
    expect(lasted(seconds * 1000)).toBe(words)
  })

  it.each(times.between)('a window is "$words" in $zone', (row) => {
    expect(between(Date.parse(row.start), Date.parse(row.end), now, row.zone)).toBe(row.words)
  })

  it.each(times.days)('$day is "$words" in $zone', (row) => {
    expect(namedDay(row.day, now, row.zone)).toBe(row.words)
  })
})

interface Told {
  now: string
  incidents: { incident: Incident; zone: string; affects: string; promise: string; overdue: boolean; course: string }[]
  works: { work: Maintenance; zone: string; progress: string; when: string; touches: string }[]
  pasts: { past: Past; quiet: string; more: string }[]
  earlier: [number, string][]
}

describe('notices', () => {
  const told = golden<Told>('telling')
  const now = Date.parse(told.now)

  it.each(told.incidents)('an incident is told: $course', (row) => {
    expect(affects(row.incident.affected)).toBe(row.affects)
    expect(promise(row.incident, now, row.zone)).toEqual({ words: row.promise, overdue: row.overdue })
    expect(course(row.incident, now, row.zone)).toBe(row.course)
  })

  it.each(told.works)('work is told: $progress, $when', (row) => {
    expect(progress(row.work, now)).toBe(row.progress)
    expect(when(row.work, now, row.zone)).toBe(row.when)
    expect(touches(row.work)).toBe(row.touches)
  })

  it.each(told.pasts)('the past is summed up: "$quiet" "$more"', (row) => {
    expect([quiet(row.past), more(row.past)]).toEqual([row.quiet, row.more])
  })

  it.each(told.earlier)('%d older ones are "%s"', (number, words) => {
    expect(earlier(number)).toBe(words)
  })
})

describe('a group', () => {
  const item = (state: State) => ({ state }) as Item
  const group = (...states: State[]) => ({ name: 'Core', state: states[0]!, items: states.map(item), uptime: null })

  it('counts what is not operational, else what has no data', () => {
    expect(groupWords(group('operational'))).toBe('1 service, all operational')
    expect(groupWords(group('operational', 'no-data', 'major', 'degraded'))).toBe('4 services, 2 not operational')
    expect(groupWords(group('operational', 'no-data'))).toBe('2 services, 1 without data')
    expect(groupWords(group('operational', 'maintenance', 'no-data'))).toBe('3 services, 1 under maintenance')
  })

  it('shows the worst of each minute', () => {
    const bars = ['u'.repeat(60), '.'.repeat(30) + 'x' + 'g'.repeat(29), 'p' + '.'.repeat(59)]
    expect(worstMinutes(bars)).toBe('p' + 'u'.repeat(29) + 'x' + 'g'.repeat(29))
    expect(worstMinutes([])).toBe('.'.repeat(60))
  })
})

describe('ticks', () => {
  it('stand at the quarters of the zone’s hour', () => {
    const at = Date.parse('2026-11-24T14:20:40Z') // the oldest minute is 13:21
    expect(ticks(at, 'UTC').map(({ x, words }) => [x, words])).toEqual([
      ['15%', ':30'],
      ['40%', ':45'],
      ['65%', ':00'],
      ['90%', ':15'],
    ])
    expect(ticks(at, 'Asia/Kolkata').map(({ words }) => words)).toEqual([':00', ':15', ':30', ':45'])
  })

  it('keep their labels inside the bar', () => {
    expect(ticks(Date.parse('2026-11-24T14:00:00Z'), 'UTC').at(-1)).toMatchObject({ words: ':00', edge: 'at-end' })
    expect(ticks(Date.parse('2026-11-24T13:59:00Z'), 'UTC').at(0)).toMatchObject({ x: '0%', edge: 'at-start' })
  })
})
