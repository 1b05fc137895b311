import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { Item, Mark, Scale, Spark } from '../app/api/page'
import { barName, cellsSummary, cellTime } from '../app/utils/bar-names'
import { cells, combined, depth, type Cells } from '../app/utils/cells'
import { sparkPaths } from '../app/utils/sparks'
import { downtimeLinks, tellCell, toldWords } from '../app/utils/spells'
import { sumWords } from '../app/utils/sums'
import { hourTicks } from '../app/utils/ticks'

interface Golden {
  bars: (Cells & { what: string; paths: [string, string][] })[]
  groups: { what: string; parts: { bar: string; marks: Mark[] }[]; bar: string; marks: Mark[] }[]
  sparks: (Spark & { what: string; paths: unknown })[]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/cells.json'), 'utf8')) as Golden

describe('what both sides draw alike', () => {
  it.each(golden.bars)('a bar: $what', ({ paths, ...bar }) => {
    expect(cells(bar).map(({ kind, d }) => [kind, d])).toEqual(paths)
  })

  it.each(golden.groups)('a group: $what', ({ parts, bar, marks }) => {
    expect(combined(parts)).toEqual({ bar, marks })
  })

  it.each(golden.sparks)('answer times: $what', ({ paths, ...spark }) => {
    expect(sparkPaths(spark)).toEqual(paths)
  })

  it('a minute is seen, and a whole day is as deep as can be', () => {
    expect(depth(60, 86_400)).toBeGreaterThanOrEqual(5)
    expect(depth(86_400, 86_400)).toBe(20)
    expect(depth(0, 86_400)).toBe(0)
  })
})

const days: Scale = { zoom: '90d', cells: 90, first: '2026-08-27', step_s: null }
const parts: Scale = { zoom: '24h', cells: 72, first: '2026-11-23T14:20:00Z', step_s: 1200 }
const quiet = { degraded_s: 0, maintenance_s: 0, unknown_s: 0, more: 0, incidents: [], spans: [] }
const frame = { scale: days, first: 0, zone: 'UTC', titles: new Map([['k3v9', 'Database failover']]) }

function item(bar: string, marks: Mark[], slow: (number | null)[] = []): Item {
  return { name: 'API', bar, marks, slow, sum: null } as unknown as Item
}

const failover: Mark = {
  ...quiet,
  at: 11,
  down_s: 10_920,
  incidents: ['k3v9'],
  spans: [{ start: '2026-09-07T14:02:00Z', end: '2026-09-07T17:04:00Z', what: 'down', reason: 'connect' }],
}
const api = item('u'.repeat(11) + 'x' + 'u'.repeat(78), [failover])

describe('a cell tells', () => {
  it('its day, what was worst, how long, why, and the incident', () => {
    const told = tellCell(api, 11, frame)
    expect(toldWords(told)).toBe('Monday 7 September: Down, 3 h 02 min. Database failover')
    expect(told.spans).toEqual(['14:02–17:04 (3 h 02 min) down: no connection'])
    expect([told.day, told.moment]).toEqual(['2026-09-07', '2026-09-07T14:02Z'])
  })

  it('from when to when it is, where it is no day', () => {
    const bar = item('u'.repeat(72), [], Array(72).fill(240))
    expect(toldWords(tellCell(bar, 0, { ...frame, scale: parts }))).toBe(
      '14:20–14:40: Up, 95 of 100 answers within 240 ms',
    )
    expect(cellTime(parts, 71).end).toBe(Date.parse('2026-11-24T14:20:00Z'))
  })

  it('nothing of an incident whose title is not here but that there was one', () => {
    const other = item('x', [{ ...failover, at: 0, incidents: ['gone'] }])
    expect(tellCell(other, 0, frame).incidents).toEqual([{ id: 'gone', title: 'Incident report' }])
  })
})

describe('a bar is called', () => {
  it('after its service, its window and its downtime', () => {
    expect(barName(api, frame, 90, false)).toBe('API, past 90 days: 1 day with downtime')
  })

  it('after the days that there is room for', () => {
    expect(barName(api, frame, 30, false)).toBe('API, Past 30 days: No downtime')
  })

  it('and never well where nothing is known', () => {
    expect(cellsSummary(item('.'.repeat(90), []), days)).toBe('No data')
  })

  it('and lists the days with downtime as links', () => {
    expect(downtimeLinks(api, frame)).toEqual([
      { words: 'Mon 7 Sept: 3 h 02 min with downtime', href: 'day/2026-09-07' },
    ])
  })
})

describe('a percentage', () => {
  const sum = { known_s: 7_700_000, down_s: 15_120, degraded_s: 0, maintenance_s: 21_600, unknown_s: 7_200 }
  const rest = { paused_s: 0, unwatched_s: 0 }

  it('comes about in words', () => {
    expect(sumWords({ ...sum, ...rest }, '99.91')).toBe(
      '4 h 12 min down of 2,138 h 53 min; 6 h maintenance excluded; 2 h without data excluded; 99.91% of the time observed',
    )
  })

  it('says that nothing was down, and no more', () => {
    const whole = { ...sum, ...rest, down_s: 0, maintenance_s: 0, unknown_s: 0 }
    expect(sumWords(whole, '100.00')).toBe('Never down in 2,138 h 53 min')
  })
})

describe('ticks below 24 hours', () => {
  const first = Date.parse(parts.first)

  it('stand at each sixth hour of the zone, also of one that is a quarter off', () => {
    expect(hourTicks(first, parts, 'UTC').map(({ words }) => words)).toEqual(['18:00', '00:00', '06:00', '12:00'])
    expect(hourTicks(first, parts, 'Asia/Kathmandu').map(({ words }) => words)).toHaveLength(4)
  })
})
